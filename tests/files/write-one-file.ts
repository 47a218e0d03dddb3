import { writeSync } from "node:fs";
import { isSecretsError } from "../../src/errors.js";
import { writeFileAtomically } from "../../src/files/atomic.js";

/** Writes so many bytes to a file and prints the error, if any. Arguments: file, size. */
const [file = "", size = "0"] = process.argv.slice(2);

try {
  writeFileAtomically(file, new Uint8Array(Number(size)), { mode: 0o600 });
  writeSync(1, "written");
} catch (error) {
  writeSync(1, isSecretsError(error) ? `${error.code} ${error.message}` : String(error));
}
