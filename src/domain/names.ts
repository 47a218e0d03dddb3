import { InvalidInputError, quote } from "../errors.js";

const identifier = /^[a-z][a-z0-9_]*$/;
const environmentStyle = /^[A-Z][A-Z0-9_]*$/;
const maximumIdentifierLength = 128;
const maximumPathLength = 1024;

/** What {@link isIdentifier} accepts, for messages. */
export const identifierExpectation =
  "lower-case letters, digits and `_`, starting with a letter, at most 128 characters";

/** Whether a name of a ref, store, policy or principal is well formed: `^[a-z][a-z0-9_]*$`, at most 128 characters. */
export function isIdentifier(name: string): boolean {
  return name.length <= maximumIdentifierLength && identifier.test(name);
}

/**
 * The identifier a caller means: `databento_api_key` as it is, `DATABENTO_API_KEY` as its alias in lower case.
 *
 * @throws InvalidInputError when it is neither
 */
export function canonicalSecretName(name: string): string {
  if (isIdentifier(name)) return name;
  if (name.length <= maximumIdentifierLength && environmentStyle.test(name)) return name.toLowerCase();
  const [start = "", ...value] = name.split("=", 2);
  // What follows `NAME=` may be the value.
  if (value.length > 0) {
    throw new InvalidInputError(`${quote(`${start}=…`)} is not a secret name`, {
      hint: "give the name alone; a value is never given as an argument, where `ps` shows it to every user of this machine",
    });
  }
  throw new InvalidInputError(`${quote(name)} is not a secret name`, {
    hint: `use ${identifierExpectation}, or the same in upper case`,
  });
}

/**
 * Whether a text has a control character or a line or paragraph separator (Unicode Cc, Zl, Zp). By code units, because a
 * regular expression with Unicode classes takes longer to compile than a quick command needs for all its other checks.
 */
export function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f) || unit === 0x2028 || unit === 0x2029) return true;
  }
  return false;
}

/** `databento_api_key` → `DATABENTO_API_KEY`: the name a secret has in an environment. */
export function environmentName(name: string): string {
  return name.toUpperCase();
}

/** `prod/smtp-password` → `PROD_SMTP_PASSWORD`: the variable that stands for a path in the environment. */
export function environmentNameOfPath(path: string): string {
  return path.toUpperCase().replace(/[-/.]/g, "_");
}

/**
 * What is wrong with a store path, or `undefined` when it is well formed: relative, `/`-separated, no empty, `.` or
 * `..` segment, no control characters, valid Unicode, at most 1,024 UTF-8 bytes.
 */
export function pathFault(path: string): string | undefined {
  if (path === "") return "expected a path, found an empty string";
  if (Buffer.byteLength(path) > maximumPathLength) return `expected at most ${maximumPathLength} bytes`;
  if (hasControlCharacter(path)) return "expected no control characters";
  if (!path.isWellFormed()) return "expected valid Unicode";
  if (path.includes("\\")) return "expected `/` between segments, not a backslash";
  if (path.startsWith("/")) return "expected a relative path";
  for (const segment of path.split("/")) {
    if (segment === "") return "expected no empty segment";
    if (segment === "." || segment === "..") return `expected no ${quote(segment)} segment`;
  }
  return undefined;
}

/** @throws InvalidInputError unless {@link pathFault} finds nothing */
export function requirePath(path: string): string {
  const fault = pathFault(path);
  if (fault !== undefined) throw new InvalidInputError(`${quote(path)} is not a path: ${fault}`);
  return path;
}

/** The candidate nearest to a misspelt word, or `undefined` when none is near enough to be meant. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > maximumIdentifierLength) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Optimal string alignment distance (a swap of neighbours counts one), or `limit` as soon as it cannot be below. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforePrevious[j - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? limit;
}
