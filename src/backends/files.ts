import { isAbsolute, resolve } from "node:path";
import { grantedAccess } from "../domain/grant.js";
import type { Grant } from "../domain/grant.js";
import { lineEndExpectation, lineEndPolicies, lineEndPolicy } from "../domain/line-end.js";
import { quote, UnavailableError } from "../errors.js";
import { pathFaultInTree, treeGrammar } from "../file-tree/names.js";
import type { FileTree } from "../file-tree/read.js";
import { defineBackend } from "./contract.js";
import type { Backend, BackendCall, BackendContext } from "./contract.js";
import { optionFault } from "./options.js";

const maximumBytes = 16 * 1024 * 1024;

/** A directory with one file for each secret, read only: what Docker, Kubernetes and systemd give a program. */
export const filesBackend = defineBackend({
  kind: "files",
  description: "a directory with one file for each secret: `/run/secrets`, a Kubernetes volume, systemd credentials",
  options: {
    root: { type: "file", description: "the directory; default `/run/secrets`, where Docker puts secrets" },
    credentials: {
      type: "boolean",
      description: "in place of `root`: the credentials systemd gave this service, in `$CREDENTIALS_DIRECTORY`",
    },
    newline: {
      type: "string",
      words: lineEndPolicies,
      description:
        "a newline at the end of a file: `auto` (default) drops it after a single line of text, `strip_one` always, `keep` never",
    },
    permissions: {
      type: "string",
      words: ["private", "any"],
      description:
        "`private` (default): files of a disk must be closed to the group and to others; `any`: they need not",
    },
  },
  paths: { description: treeGrammar, fault: pathFaultInTree },
  maximumValueBytes: maximumBytes,
  can: { write: false, delete: false, list: true },
  enforcement: "advisory",
  open: (store, context) => openFiles(parseOptions(store.name, store.options, context)),
});

/** The tree, found out anew for each call: outside of a unit there is no `$CREDENTIALS_DIRECTORY`. */
type FindTree = () => FileTree;

function parseOptions(
  name: string,
  options: Readonly<Record<string, unknown>>,
  { baseDirectory, environment, allowInsecurePermissions, isOwnFile }: BackendContext,
): FindTree {
  const { root, credentials = false, newline = "auto", permissions = "private" } = options;
  if (root !== undefined && (typeof root !== "string" || root === "" || root.includes("\0"))) {
    throw optionFault(name, "root", "expected the path of a directory");
  }
  if (typeof credentials !== "boolean") throw optionFault(name, "credentials", "expected true or false");
  if (credentials && root !== undefined)
    throw optionFault(name, "credentials", "expected either `root` or `credentials`");
  const lineEnd = lineEndPolicy(newline);
  if (lineEnd === undefined) throw optionFault(name, "newline", lineEndExpectation);
  if (permissions !== "private" && permissions !== "any")
    throw optionFault(name, "permissions", "expected `private` or `any`");
  const tree = { lineEnd, maximumBytes, isOwnFile, allowOpen: allowInsecurePermissions || permissions === "any" };
  if (credentials) return () => ({ ...tree, root: credentialsDirectory(environment) });
  return () => ({ ...tree, root: resolve(baseDirectory, root ?? "/run/secrets") });
}

/** systemd.exec(5): absolute, and set for services with `LoadCredential=`, `SetCredential=` and their like. */
function credentialsDirectory(environment: BackendContext["environment"]): string {
  const directory = environment["CREDENTIALS_DIRECTORY"] ?? "";
  if (isAbsolute(directory) && !directory.includes("\0")) return directory;
  if (directory !== "") {
    throw new UnavailableError(
      `the variable \`CREDENTIALS_DIRECTORY\` holds no absolute path, found ${quote(directory)}`,
    );
  }
  throw new UnavailableError("systemd gave this process no credentials: `CREDENTIALS_DIRECTORY` is not set", {
    reason: "not_initialised",
    hint: "start it as a service with `LoadCredential=`, or put another store after this one in a chain",
  });
}

function openFiles(findTree: FindTree): Backend {
  const readMany = async (grants: readonly Grant[], call: BackendCall) => {
    const paths = grants.map((grant) => grantedAccess(grant, "read").path);
    if (paths.length === 0) return [];
    const { readFiles } = await import("../file-tree/read.js");
    return readFiles(findTree(), paths, call.signal);
  };
  return {
    readMany,
    read: async (grant, call) => (await readMany([grant], call))[0],
    list: async (call) => {
      const { listFiles } = await import("../file-tree/list.js");
      const { paths, leftOut } = listFiles(findTree().root, call.signal);
      if (leftOut > 0) call.trace?.(`${leftOut} entries left out: they are no files, or cannot be reached`);
      return paths;
    },
    check: async (paths, call) => {
      const { checkFiles } = await import("./files-check.js");
      return checkFiles(findTree, paths, call);
    },
  };
}
