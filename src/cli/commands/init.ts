import { existsSync } from "node:fs";
import { join } from "node:path";
import { InvalidInputError, LockedError, quote } from "../../errors.js";
import { writeFileAtomically } from "../../files/atomic.js";
import { stateDirectory } from "../../files/user-directories.js";
import { configFileName } from "../../runtime/find-config.js";
import { createStore } from "../../sealed/create.js";
import type { Identity } from "../../sealed/identity.js";
import { loadIdentities } from "../../sealed/key-load.js";
import { isOlderFile } from "../../sealed/older-format.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { addAttributes, addIgnored, configureGit } from "../git-files.js";
import { keyholderName } from "../keyholder-name.js";
import { makeKey } from "../make-key.js";
import { newConfiguration, newTemplate } from "../new-project.js";
import { regularFile } from "../regular-file.js";
import { askPassphrase } from "../session.js";
import { templateName } from "../template.js";
import { say, writeJson } from "../terminal.js";
import { workingDirectory } from "../working-directory.js";

const storeName = "secrets.enc";
const keyName = ".key";
/** What must never be committed, and what a killed process leaves behind of our own files. */
const ignored = [
  keyName,
  `${keyName}.*.tmp`,
  "audit.jsonl",
  "audit.jsonl.lock*",
  "mxm-secrets.local.yaml",
  ...[configFileName, storeName].flatMap((name) => [`${name}.lock*`, `${name}.*.tmp`]),
  `${templateName}.*.tmp`,
];

/** `init`: a project in the working directory. What must never be committed is ignored before it is made. */
export async function run(args: Arguments): Promise<number> {
  const directory = workingDirectory();
  const place = (name: string): string => join(directory, name);
  const force = args.flag("force");
  const hasKey = existsSync(place(keyName));
  if (hasKey) refuseKeyOptions(args);
  if (existsSync(place(configFileName))) {
    if (force) return (await import("./init-again.js")).beginAgain(args);
    throw new InvalidInputError(`${quote(configFileName)} exists already`, {
      hint: "on a new machine of this project, `mxm-secrets keys init` makes its key",
    });
  }
  const hasStore = existsSync(place(storeName));
  if (hasStore && !hasKey) {
    throw new LockedError(`${quote(storeName)} is here and its key ${quote(keyName)} is missing`, {
      hint: "restore the key from a backup; a new one could not open this store. If every key is lost, move the store away and enter the values again",
    });
  }
  if (hasStore && isOlderFile(place(storeName))) {
    return (await import("../adopt-older.js")).adoptOlder(args, { directory, storeName, keyName, ignored });
  }
  if (hasStore) {
    throw new InvalidInputError(`${quote(storeName)} exists already and has no ${quote(configFileName)}`, {
      hint: `restore ${configFileName} from version control, or move the store away`,
    });
  }
  const made = [".gitignore", ".gitattributes", configFileName, storeName, ...(hasKey ? [] : [keyName])];
  for (const name of made) regularFile(place(name));
  const hasTemplate = regularFile(place(templateName)) !== undefined;
  const files = [configFileName, keyName, storeName, templateName, ".gitignore", ".gitattributes"];
  const created = files.filter((file) => !existsSync(place(file)));
  addIgnored(directory, ignored);
  const identity = hasKey ? await presentKey(directory) : await makeKey(place(keyName), keyOptions(args));
  const name = keyholderName();
  const state = stateDirectory(process.env);
  const storePlace = { file: place(storeName), stateDirectory: state, origin: directory };
  await createStore(storePlace, identity, { name, replace: force });
  addAttributes(directory, storeName);
  if (!hasTemplate) writeFileAtomically(place(templateName), newTemplate([]), { mode: 0o644 & ~process.umask() });
  const text = newConfiguration({ storeName, refs: [], keyholder: { name, recipient: identity.recipient } });
  writeFileAtomically(place(configFileName), text, { mode: 0o644 & ~process.umask() });
  const git = await configureGit(directory);
  if (args.flag("json")) {
    writeJson({ created, recipient: identity.recipient, git });
    return 0;
  }
  say(`created ${created.join(", ")}`);
  say(`keep ${keyName} private and backed up: without it the values cannot be read again`);
  if (git) say(`git merges and shows ${storeName} through mxm-secrets in this clone`);
  return 0;
}

function keyOptions(args: Arguments): { readonly postQuantum: boolean; readonly passphrase: boolean } {
  return { postQuantum: args.flag("post-quantum"), passphrase: args.flag("passphrase") };
}

/** Whoever asks for a protected key must not believe to have got one. */
function refuseKeyOptions(args: Arguments): void {
  const option = ["passphrase", "post-quantum"].find((name) => args.flag(name));
  if (option === undefined) return;
  throw misuse(args.command, `--${option} is for a new key, and ${quote(keyName)} is here already`);
}

/** A key that is here already, such as `age-keygen` makes, is used. */
async function presentKey(directory: string): Promise<Identity> {
  const file = join(directory, keyName);
  const [identity] = await loadIdentities(
    { kind: "file", file, passphrase: undefined },
    {
      baseDirectory: directory,
      storeFile: join(directory, storeName),
      environment: process.env,
      allowInsecurePermissions: false,
      askPassphrase,
    },
  );
  if (identity === undefined) throw new LockedError(`${quote(keyName)} holds no identity`);
  return identity;
}
