import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decryptManyWithGpg } from "../../src/gpg/decrypt-many.js";
import { gpgEnvironment } from "../../src/gpg/environment.js";

/** Decrypts every file of a directory at once. Arguments: directory, gpg. */
const [directory = "", program = "gpg"] = process.argv.slice(2);

await decryptManyWithGpg(
  { program, environment: gpgEnvironment(process.env) },
  readdirSync(directory).map((name) => ({
    ciphertext: readFileSync(join(directory, name)),
    subject: { value: name, file: name },
  })),
  {},
);
