import { LockedError, quote } from "../errors.js";
import { parseIdentity } from "./identity.js";
import type { Identity } from "./identity.js";

/**
 * Reads an age identity file: one identity a line, `#` comments and empty lines between. What `age-keygen` writes is
 * one.
 *
 * @param source - what to call it in messages, such as the file's name
 * @throws LockedError naming the line that is no identity, or when there is none
 */
export async function parseIdentityFile(text: string, source: string): Promise<readonly Identity[]> {
  const identities: Identity[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const identity = await parseIdentity(line);
    if (identity === undefined) {
      throw new LockedError(`${quote(source)} line ${index + 1} is not an age identity`, {
        hint: "expected a line `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`, as `age-keygen` writes it",
      });
    }
    identities.push(identity);
  }
  if (identities.length > 0) return identities;
  throw new LockedError(`${quote(source)} holds no age identity`, {
    hint: "expected a line `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`, as `age-keygen` writes it",
  });
}
