import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IntegrityError, quote } from "../errors.js";
import { runGpg } from "../gpg/program.js";
import { parseStatus } from "../gpg/status.js";
import { endAfterCleaning } from "../process/end-with-us.js";
import type { PassStore } from "./store.js";

/**
 * Refuses a list of recipients that none of the store's signers has signed, in a file `.sig` beside it, when
 * `PASSWORD_STORE_SIGNING_KEY` asks for that. As `verify_file` of pass 1.7.4, over the bytes that are used.
 *
 * @param file - for messages
 * @param signature - what is in the file beside it, `undefined` when there is none
 * @throws IntegrityError
 */
export async function requireSignature(
  store: PassStore,
  file: string,
  bytes: Uint8Array,
  signature: Uint8Array | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (store.signers === undefined) return;
  if (signature === undefined) {
    throw new IntegrityError(`${quote(file)} is not signed, and \`PASSWORD_STORE_SIGNING_KEY\` asks for a signature`, {
      hint: "a holder of that key signs it: `pass init KEY` with the same variable set",
    });
  }
  if (await isSignedBy(store, signature, bytes, store.signers, signal)) return;
  throw new IntegrityError(`${quote(file)} has no good signature of a key in \`PASSWORD_STORE_SIGNING_KEY\``, {
    hint: "somebody changed the recipients without that key: see `git log -- .gpg-id` in the store",
  });
}

async function isSignedBy(
  { gpg }: PassStore,
  signature: Uint8Array,
  bytes: Uint8Array,
  signers: readonly string[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  // gpg takes one of the two from standard input; neither is secret.
  const directory = mkdtempSync(join(tmpdir(), "mxm-secrets-"));
  const cleaned = endAfterCleaning();
  try {
    const file = join(directory, "signature");
    writeFileSync(file, signature, { flag: "wx", mode: 0o600 });
    const end = await runGpg(gpg, { argv: ["--verify", "--", file, "-"], input: bytes, signal });
    const status = parseStatus(end.channel);
    if (end.exitCode !== 0 || status.says("BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG")) return false;
    // The fingerprints of the key that signed and of its primary key are the first word and the last.
    return status.lines
      .filter(({ keyword }) => keyword === "VALIDSIG")
      .flatMap(({ rest }) => rest.split(" "))
      .some((word) => signers.includes(word));
  } finally {
    rmSync(directory, { recursive: true, force: true });
    cleaned();
  }
}
