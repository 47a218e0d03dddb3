import type { CommandDeclaration } from "../command.js";
import { identityOptions, outputOptions, selectionOptions } from "../options.js";
import { runCommands } from "./run.js";

const render: CommandDeclaration = {
  name: "render",
  summary: "fill in `${{ secrets.NAME }}` in a text, YAML or JSON file",
  usage: "FILE [--output FILE | --check]",
  options: {
    ...identityOptions,
    ...outputOptions,
    format: { type: "string", value: "FORMAT", description: "text, yaml or json (else by the name of the file)" },
    escape: { type: "string", value: "SYNTAX", description: "in text, write values for json, yaml, shell, url or xml" },
    check: { type: "boolean", description: "say what is needed and whether the caller may have it; read nothing" },
  },
  positionals: { minimum: 1, maximum: 1 },
  completes: "file",
  load: () => import("../commands/render.js"),
};

/** Commands that bring secrets to programs, files and people. */
export const deliveryCommands: readonly CommandDeclaration[] = [
  ...runCommands,
  render,
  {
    name: "export",
    summary: "write secrets in the format of another program",
    usage: "--format FORMAT (--only NAME,… | --for USER | --all) [--output FILE]",
    options: {
      ...identityOptions,
      ...selectionOptions,
      format: {
        type: "string",
        value: "FORMAT",
        description: "dotenv, json, yaml, shell, docker, k8s, systemd or systemd-credentials",
      },
      ...outputOptions,
      "env-prefix": { type: "string", value: "PREFIX", description: "stands before the name of each variable" },
      name: { type: "string", value: "NAME", description: "k8s: the name of the Secret" },
      namespace: { type: "string", value: "NAMESPACE", description: "k8s: the namespace of the Secret" },
      "output-directory": {
        type: "string",
        value: "DIRECTORY",
        description: "systemd-credentials: where the encrypted files go",
      },
      "with-key": {
        type: "string",
        value: "KEY",
        description: "systemd-credentials: auto (default), host, tpm2 or host+tpm2",
      },
    },
    positionals: { minimum: 0, maximum: 0 },
    surplus: "the names come after --only",
    load: () => import("../commands/export.js"),
  },
  {
    name: "import",
    summary: "store the values of a file or of another store",
    usage: "(FILE | - | --from-store STORE) [--store STORE] [--policy POLICY] [--overwrite] [--delete-source]",
    options: {
      ...identityOptions,
      format: { type: "string", value: "FORMAT", description: "dotenv, json or yaml (else by the name of the file)" },
      stdin: { type: "boolean", description: "read standard input, as `-` does" },
      "from-store": { type: "string", value: "STORE", description: "move what this store holds to another store" },
      store: { type: "string", value: "STORE", description: "the store of new names (else defaults.store)" },
      policy: { type: "string", value: "POLICY", description: "the policy of new names (else defaults.policy)" },
      only: { type: "string", value: "NAME,…", multiple: true, description: "these names of the source, not all" },
      rename: {
        type: "string",
        value: "WRITTEN=NAME",
        multiple: true,
        description: "take what the file calls WRITTEN as the secret NAME",
      },
      overwrite: { type: "boolean", description: "replace values that differ (else they are kept, exit 2)" },
      "include-placeholders": { type: "boolean", description: "take empty values and `changeme` and the like too" },
      "dry-run": { type: "boolean", description: "say what would happen, and write nothing" },
      "delete-source": { type: "boolean", description: "delete the source once all of it is in the store" },
    },
    positionals: { minimum: 0, maximum: 1 },
    surplus: "one file at a time",
    completes: "file",
    load: () => import("../commands/import.js"),
  },
  {
    name: "redact",
    summary: "mask values in what passes from standard input to standard output",
    usage: "[--only NAME,… | --for USER | --all]",
    options: {
      ...identityOptions,
      ...selectionOptions,
    },
    positionals: { minimum: 0, maximum: 0 },
    surplus: "it reads standard input only",
    load: () => import("../commands/redact.js"),
  },
  {
    name: "scan",
    summary: "find this project's values, plaintext env files and keys where they should not be",
    usage: "[PATH…] [--staged | --history [--range A..B]] | --install-hook | --uninstall-hook",
    options: {
      ...identityOptions,
      ...selectionOptions,
      staged: { type: "boolean", description: "look at what `git commit` would commit now" },
      history: { type: "boolean", description: "look at every version of every file that git can reach" },
      range: { type: "string", value: "A..B", description: "history: only these commits" },
      exclude: { type: "string", value: "PATH", multiple: true, description: "leave this file or directory out" },
      "install-hook": {
        type: "boolean",
        description: "scan what is staged before every commit; an existing hook stays",
      },
      "uninstall-hook": { type: "boolean", description: "take the scan out of the hook again" },
    },
    positionals: { minimum: 0, maximum: Infinity },
    completes: "file",
    load: () => import("../commands/scan.js"),
  },
];
