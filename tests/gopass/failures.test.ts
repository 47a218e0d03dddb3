import { describe, expect, test } from "vitest";
import { decryptionFault, listFailure, readFailure, writeFailure } from "../../src/gopass/failures.js";

const canary = "canary-5f1d";
const status = (...lines: string[]) => lines.map((line) => `[GNUPG:] ${line}\n`).join("");
const texts = (error: { message: string; hint: string | undefined }) => `${error.message} ${error.hint ?? ""}`;

describe("a read that failed, by what gpg 2.2.40 wrote", () => {
  test.each([
    [
      "no key of ours",
      status("ENC_TO AA 18 0", "BEGIN_DECRYPTION", "DECRYPTION_FAILED", "END_DECRYPTION"),
      "",
      "locked",
      "not encrypted for any key",
    ],
    [
      "no secret key, as newer versions say",
      status("ENC_TO AA 18 0", "NO_SECKEY AA", "DECRYPTION_FAILED"),
      "",
      "locked",
      "not encrypted for any key",
    ],
    [
      "a key that could not be unlocked",
      status("ENC_TO AA 1 0", "KEY_CONSIDERED BB 0", "PINENTRY_LAUNCHED 1 curses", "DECRYPTION_FAILED"),
      "",
      "locked",
      "could not be used",
    ],
    [
      "no key ring",
      status("ERROR add_keyblock_resource 33587281", "ENC_TO AA 18 0", "DECRYPTION_FAILED"),
      "",
      "locked",
      "key ring",
    ],
    [
      "a passphrase instead of a key",
      status("NEED_PASSPHRASE_SYM 9 3 2", "PINENTRY_LAUNCHED 1 curses", "DECRYPTION_FAILED"),
      "",
      "locked",
      "with a passphrase",
    ],
    [
      "a message that was altered",
      status("ENC_TO AA 18 0", "DECRYPTION_KEY BB CC u", "BADMDC", "DECRYPTION_FAILED"),
      `Decryption failed\n${canary}`,
      "integrity",
      "damaged",
    ],
    [
      "a session key that was altered",
      status("ENC_TO AA 18 0", "KEY_CONSIDERED BB 0", "DECRYPTION_FAILED"),
      "gpg: ecdh failed in gcry_cipher_decrypt: Checksum error",
      "integrity",
      "damaged",
    ],
    [
      "a file that is no message",
      status("NODATA 1", "NODATA 2", "FAILURE decrypt 4294967295"),
      "",
      "integrity",
      "damaged",
    ],
    [
      "a wrapper without descriptor 3",
      "",
      "gpg: Fatal: status-fd is invalid: Bad file descriptor",
      "unavailable",
      "could not report",
    ],
    ["anything else", "", canary, "unavailable", "exit code 11"],
  ])("%s", (_name, lines, stderr, code, message) => {
    const error = readFailure("a/b", { exitCode: 11, stderr, status: lines });
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(texts(error)).not.toContain(canary);
  });
});

test("gopass ended by a signal is said so", () => {
  expect(readFailure("a/b", { exitCode: undefined, stderr: "", status: "" }).message).toContain(
    "was ended by a signal",
  );
});

test("exit code 6 is a store that is not initialised, and a missing gpg is a missing program", () => {
  expect(listFailure({ exitCode: 6, stderr: "", status: "" })).toMatchObject({
    code: "unavailable",
    reason: "not_initialised",
  });
  const stderr =
    'Error: failed to init crypto backend: failed to detect binary: exec: "gpg": executable file not found in $PATH';
  expect(listFailure({ exitCode: 1, stderr, status: "" })).toMatchObject({
    code: "unavailable",
    reason: "not_installed",
  });
  expect(listFailure({ exitCode: 13, stderr: canary, status: "" })).toMatchObject({
    code: "unavailable",
    reason: "unreachable",
  });
});

describe("a write that failed", () => {
  test.each([
    ["writing to  is disabled by `core.readonly`", "unsupported"],
    ['failed to set "a": failed to encrypt', "locked"],
    ["no space left on device", "unavailable"],
    ["open x.gpg: permission denied", "unavailable"],
    [canary, "unavailable"],
  ])("%j is %s", (stderr, code) => {
    const error = writeFailure("a/b", { exitCode: 12, stderr, status: "" });
    expect(error.code).toBe(code);
    expect(texts(error)).not.toContain(canary);
  });
});

describe("a decryption that gopass takes for a success", () => {
  const good = [
    "ENC_TO AA 18 0",
    "BEGIN_DECRYPTION",
    "PLAINTEXT 62 0 ",
    "DECRYPTION_OKAY",
    "GOODMDC",
    "END_DECRYPTION",
  ];
  test("is one when gpg says both DECRYPTION_OKAY and GOODMDC", () => {
    expect(decryptionFault("a/b", status(...good))).toBeUndefined();
  });

  test.each([
    ["no DECRYPTION_OKAY", good.filter((line) => line !== "DECRYPTION_OKAY"), "integrity"],
    ["no GOODMDC", good.filter((line) => line !== "GOODMDC"), "integrity"],
    ["cut short after its head", ["ENC_TO AA 18 0", "ENC_TO F1FFFFFFFFFFFFFF 255 0"], "integrity"],
    ["never encrypted", ["PLAINTEXT 62 0 ", "PLAINTEXT_LENGTH 6"], "integrity"],
    ["no word from gpg", [], "unavailable"],
    ["the words inside another line only", ["PLAINTEXT 62 0 [GNUPG:] DECRYPTION_OKAY [GNUPG:] GOODMDC"], "integrity"],
  ])("%s: it is not", (_name, lines, code) => {
    expect(decryptionFault("a/b", status(...lines))?.code).toBe(code);
  });
});
