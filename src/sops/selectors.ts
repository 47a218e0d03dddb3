import { IntegrityError, quote } from "../errors.js";
import type { ActiveComment, SopsLeaf, SopsPath } from "./document.js";

/** The fields of the metadata, and of a creation rule, that say which values are encrypted: at most one of them. */
export const selectorNames = [
  "unencrypted_suffix",
  "encrypted_suffix",
  "unencrypted_regex",
  "encrypted_regex",
  "unencrypted_comment_regex",
  "encrypted_comment_regex",
] as const;

export type SelectorName = (typeof selectorNames)[number];

/** Which values of a file are encrypted. */
export interface Selector {
  readonly name: SelectorName;
  /** A suffix or a regular expression of RE2; never empty. */
  readonly text: string;
}

/** What holds in a file that says nothing: SOPS's own default. */
export const defaultSelector: Selector = { name: "unencrypted_suffix", text: "_unencrypted" };

/** Whether a leaf is encrypted in its file, or is to be. */
export type IsEncrypted = (leaf: Pick<SopsLeaf, "path" | "comments" | "kind">) => boolean;

/** What all looks of one expression may cost: seconds at the worst, a thousand times what a large file needs. */
const maximumSteps = 500_000_000;

type Test = (text: string) => boolean;

/** Of each selector: what it looks at, and what a match means. */
const rows: Readonly<
  Record<SelectorName, { readonly looksAt: "keys" | "comments"; readonly meansEncrypted: boolean }>
> = {
  unencrypted_suffix: { looksAt: "keys", meansEncrypted: false },
  encrypted_suffix: { looksAt: "keys", meansEncrypted: true },
  unencrypted_regex: { looksAt: "keys", meansEncrypted: false },
  encrypted_regex: { looksAt: "keys", meansEncrypted: true },
  unencrypted_comment_regex: { looksAt: "comments", meansEncrypted: false },
  encrypted_comment_regex: { looksAt: "comments", meansEncrypted: true },
};

/**
 * Makes a selector ready for use. It looks at every key of a path, or at every comment in force, and one match is enough;
 * regular expressions may match anywhere in the text.
 *
 * @param file - the name of the file it is for, for errors
 * @throws IntegrityError when it is not a regular expression of RE2. SOPS itself would go on as if nothing matched. The
 *   test throws it when all looks together take too long
 */
export async function compileSelector({ name, text }: Selector, file: string): Promise<IsEncrypted> {
  const { looksAt, meansEncrypted } = rows[name];
  const test: Test = name.endsWith("_suffix")
    ? (part) => part.endsWith(text)
    : remembered(await compileRegex(name, text, file));
  if (looksAt === "keys") return ({ path }) => keysOf(path).some(test) === meansEncrypted;
  const someComment = commentSearch(test);
  return ({ comments, kind }) => {
    // The comment that switches encryption on is not itself encrypted.
    const first = kind === "comment" && meansEncrypted ? comments?.previous : comments;
    return someComment(first) === meansEncrypted;
  };
}

async function compileRegex(name: string, text: string, file: string): Promise<Test> {
  const { compileRe2 } = await import("./re2.js");
  const compiled = compileRe2(text);
  if (compiled === undefined) {
    const message = `\`${name}\` is ${quote(text)}, which is not a regular expression that RE2 accepts`;
    throw new IntegrityError(`${quote(file)}: ${message}`, {
      hint: "nothing would be encrypted by it: correct it in `.sops.yaml` and in the file",
    });
  }
  let steps = 0;
  return (looked) => {
    steps += compiled.size * (looked.length + 1);
    if (steps <= maximumSteps) return compiled.test(looked);
    throw new IntegrityError(`${quote(file)}: \`${name}\` takes too long for the names in it`, {
      hint: "no file that people write needs such an expression: look at how it got there",
    });
  };
}

/** Keys repeat in a file more often than they differ. */
function remembered(test: Test): Test {
  const known = new Map<string, boolean>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const matches = test(text);
    known.set(text, matches);
    return matches;
  };
}

function keysOf(path: SopsPath): readonly string[] {
  return path.filter((part) => typeof part === "string");
}

/** Looks at each comment once, however many leaves it is in force at. */
function commentSearch(test: Test): (comment: ActiveComment | undefined) => boolean {
  const known = new WeakMap<ActiveComment, boolean>();
  return (comment) => {
    const passed: ActiveComment[] = [];
    let found = false;
    for (let at = comment; at !== undefined && !found; at = at.previous) {
      const before = known.get(at);
      found = before ?? test(at.text);
      passed.push(at);
      if (before !== undefined) break;
    }
    for (const each of passed) known.set(each, found);
    return found;
  };
}
