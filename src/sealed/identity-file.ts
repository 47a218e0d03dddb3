import { identityExpectation, linesOf, parseSecretKeys } from "../age/secret-key.js";
import { LockedError, quote } from "../errors.js";
import { identityFromKey } from "./identity.js";
import type { Identity } from "./identity.js";

/**
 * Reads an age identity file: one identity a line, `#` comments and empty lines between. What `age-keygen` writes is
 * one. A line with a key of the older format is passed over: while a store changes its format the file has both.
 *
 * @param source - what to call it in messages, such as the file's name
 * @throws LockedError naming the line that is no identity, or when there is none
 */
export async function parseIdentityFile(text: string, source: string): Promise<readonly Identity[]> {
  const lines = linesOf(text);
  const keys = parseSecretKeys(
    lines.map((line) => (isOlderKey(line) ? "" : line)),
    source,
  );
  if (keys.length > 0) return Promise.all(keys.map(identityFromKey));
  if (lines.some(isOlderKey)) {
    throw new LockedError(`${quote(source)} holds a key of the older format, and the store is in the sealed format`, {
      hint: "move it away, make a key with `mxm-secrets keys init`, and have a writer let it in with `mxm-secrets keys add`",
    });
  }
  throw new LockedError(`${quote(source)} holds no age identity`, {
    hint: identityExpectation,
  });
}

/** 32 bytes of base64, or of hex. */
function isOlderKey(line: string): boolean {
  return (line.length === 44 || line.length === 64) && /^(?:[A-Za-z0-9_+/-]{43}=|[0-9a-fA-F]{64})$/.test(line);
}
