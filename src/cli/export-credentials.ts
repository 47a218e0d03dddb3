import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  credentialFault,
  credentialFile,
  credentialKeys,
  credentialsDropIn,
  encryptCredential,
  requireUnitPath,
} from "../delivery/export/systemd-credentials.js";
import { InvalidInputError, quote } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { makePrivateDirectory } from "../files/private.js";
import { misuse } from "./arguments.js";
import type { Arguments } from "./arguments.js";
import { oneOf } from "./one-of.js";
import { regularFile } from "./regular-file.js";
import { openEach, selectNames } from "./select-secrets.js";
import type { Session } from "./session.js";
import { say, writeOutput } from "./terminal.js";

/** The name of the format that is a directory of encrypted files and a drop-in. */
export const credentialsFormat = "systemd-credentials";

/**
 * Each secret as a file that only this machine can decrypt, and on standard output the drop-in that gives them to a unit.
 * Every value is encrypted before the first file is written.
 */
export async function exportCredentials(session: Session, args: Arguments): Promise<number> {
  const [directory, withKey] = [args.option("output-directory"), oneOf(args, "with-key", credentialKeys) ?? "auto"];
  if (directory === undefined) throw misuse(args.command, `${credentialsFormat} needs --output-directory DIRECTORY`);
  requireUnitPath(resolve(directory));
  const { names } = selectNames(session, args);
  const secrets = await openEach(session, names, "nothing was written");
  const entries = secrets.map((secret) => ({ name: secret.name, variable: secret.name, value: secret.bytes() }));
  const faults = entries.flatMap((entry) => {
    const fault = credentialFault(entry);
    return fault === undefined ? [] : [`${quote(entry.name)} ${fault}`];
  });
  if (faults.length > 0) throw new InvalidInputError(`${faults.join("; ")}; nothing was written`);
  const encrypted = [];
  for (const entry of entries) {
    encrypted.push({ name: entry.name, bytes: await encryptCredential(entry, withKey, process.env) });
  }
  makePrivateDirectory(resolve(directory));
  const place = realpathSync(resolve(directory));
  requireUnitPath(place);
  const files = encrypted.map(({ name, bytes }) => ({ bytes, file: join(place, credentialFile(name)) }));
  for (const { file } of files) regularFile(file);
  for (const { file, bytes } of files) writeFileAtomically(file, bytes, { mode: 0o600 });
  say(`mxm-secrets: encrypted into ${quote(place)}; the drop-in for the unit follows`);
  writeOutput(
    credentialsDropIn(
      encrypted.map(({ name }) => name),
      place,
    ),
  );
  return 0;
}
