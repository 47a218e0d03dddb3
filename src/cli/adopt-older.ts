import { existsSync } from "node:fs";
import { join } from "node:path";
import { openOlderStore } from "../backends/sealed-older.js";
import { sealedLocation } from "../backends/sealed.js";
import { collidingNames, olderName } from "../fernet/names.js";
import { IntegrityError, quote } from "../errors.js";
import { isIdentifier } from "../domain/names.js";
import { writeFileAtomically } from "../files/atomic.js";
import { stateDirectory } from "../files/user-directories.js";
import { configFileName } from "../runtime/find-config.js";
import type { Arguments } from "./arguments.js";
import { addIgnored } from "./git-files.js";
import { newConfiguration, newTemplate } from "./new-project.js";
import { regularFile } from "./regular-file.js";
import { contextOf } from "./sealed-store.js";
import { askPassphrase } from "./session.js";
import { templateName } from "./template.js";
import { say, writeJson } from "./terminal.js";

/** The files of a project as `init` calls them. */
interface ProjectFiles {
  readonly directory: string;
  readonly storeName: string;
  readonly keyName: string;
  /** What must never be committed. */
  readonly ignored: readonly string[];
}

/**
 * `init` beside a store in the older format: a configuration with a name for each value in it. Store and key stay as they
 * are.
 *
 * @throws IntegrityError when the store does not open with the key, or two of its names are one
 */
export async function adoptOlder(
  args: Arguments,
  { directory, storeName, keyName, ignored }: ProjectFiles,
): Promise<number> {
  const place = (name: string): string => join(directory, name);
  const names = await namesIn(directory, storeName, keyName);
  const refs = names.map(refOf).filter(isIdentifier);
  const left = names.filter((name) => !isIdentifier(refOf(name)));
  const made = [".gitignore", configFileName, templateName];
  for (const name of made) regularFile(place(name));
  const created = made.filter((name) => !existsSync(place(name)));
  addIgnored(directory, ignored);
  const mode = 0o644 & ~process.umask();
  if (created.includes(templateName)) writeFileAtomically(place(templateName), newTemplate(refs), { mode });
  writeFileAtomically(place(configFileName), newConfiguration({ storeName, refs, keyholder: undefined }), { mode });
  if (args.flag("json")) {
    writeJson({ created, adopted: refs, unnamed: left, format: "fernet" });
    return 0;
  }
  say(`created ${created.join(", ")}; ${storeName} and ${keyName} stay as they are`);
  say(`named in the configuration: ${refs.join(", ") || "nothing, the store is empty"}`);
  if (left.length > 0) say(`not a name of a ref, and left out: ${left.map(quote).join(", ")}`);
  say(`${storeName} is in the older format; \`mxm-secrets migrate\` moves it to the sealed format`);
  return 0;
}

async function namesIn(directory: string, storeName: string, keyName: string): Promise<readonly string[]> {
  const around = {
    baseDirectory: directory,
    stateDirectory: stateDirectory(process.env),
    allowInsecurePermissions: false,
  };
  const store = { name: "local", options: { path: storeName, key: keyName } };
  const location = sealedLocation(store, contextOf(around, askPassphrase));
  const { document } = await openOlderStore(location, { warn: (line) => say(`mxm-secrets: ${line}`) });
  const names = document.map(({ name }) => name);
  const [group] = collidingNames(names);
  if (group === undefined) return names;
  throw new IntegrityError(`${group.map(quote).join(" and ")} in ${quote(storeName)} are one name in this format`, {
    hint: "rename one of them with the program that wrote the file",
  });
}

function refOf(name: string): string {
  return olderName(name).toLowerCase();
}
