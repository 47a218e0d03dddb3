import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { InvalidInputError, quote, UnsupportedError } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { fileError } from "../files/errno.js";
import { shellWord } from "../files/private.js";
import { configFileName, findConfig } from "../runtime/find-config.js";
import { addScan, isEmptyHook, withoutScan } from "../scan/hook.js";
import { findRepository, findHooks } from "../scan/repository.js";
import { misuse } from "./arguments.js";
import type { Arguments } from "./arguments.js";
import { pathFromTop } from "./path-from-top.js";
import { regularFile } from "./regular-file.js";
import { say } from "./terminal.js";
import { workingDirectory } from "./working-directory.js";

/** `scan --install-hook` and `--uninstall-hook`: the pre-commit hook of the repository around the working directory. */
export async function changeHook(args: Arguments): Promise<number> {
  const installs = args.flag("install-hook");
  if (installs && args.flag("uninstall-hook")) throw misuse(args.command, "install the hook or remove it");
  const isOther = args.flag("history") || args.option("range") !== undefined || args.positionals.length > 0;
  if (isOther) throw misuse(args.command, "the hook looks at all that is staged");
  const here = workingDirectory();
  const repository = await findRepository(here, process.env);
  if (repository === undefined) throw new InvalidInputError(`${quote(here)} is in no git repository`);
  const hooks = await findHooks(here, process.env);
  const file = join(withoutWrapper(hooks.directory), "pre-commit");
  const present = readHook(file);
  if (installs) install(file, present, commandOf(args, here, repository.top));
  else uninstall(file, present);
  if (!hooks.isPrivate) {
    const inside = relative(repository.top, file);
    say(
      inside.startsWith("..")
        ? `mxm-secrets: git runs ${quote(file)} in every repository whose core.hooksPath leads there`
        : `mxm-secrets: ${quote(inside)} is a file of the work tree: commit it for the others to have the hook`,
    );
  }
  return 0;
}

/** Husky makes the directory git looks in anew each time; what people write stands above it. */
function withoutWrapper(directory: string): string {
  return directory.endsWith(`${sep}.husky${sep}_`) ? dirname(directory) : directory;
}

interface PresentHook {
  readonly text: string;
  readonly mode: number;
}

function install(file: string, present: PresentHook | undefined, command: string): void {
  const change = addScan(present?.text, Buffer.from(command).toString("latin1"));
  if ("refusal" in change) {
    throw new UnsupportedError(`${quote(file)} is there, and ${change.refusal}; it was left as it is`, {
      hint: `let it run \`${command}\` and stop when that fails`,
    });
  }
  if (change.text === present?.text && (present.mode & 0o100) !== 0) {
    say(`mxm-secrets: the hook is in ${quote(file)} already`);
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  const mode = present === undefined ? 0o777 & ~process.umask() : present.mode | ((present.mode & 0o444) >> 2);
  writeFileAtomically(file, Buffer.from(change.text, "latin1"), { mode });
  const kept = present === undefined ? "" : "; what was there runs after it";
  say(`mxm-secrets: ${quote(file)} looks at every commit from now on${kept}`);
}

function uninstall(file: string, present: PresentHook | undefined): void {
  const text = present === undefined ? "" : withoutScan(present.text);
  if (present === undefined || text === present.text) {
    say(`mxm-secrets: there is no hook of this command in ${quote(file)}`);
    return;
  }
  if (isEmptyHook(text)) rmSync(file);
  else writeFileAtomically(file, Buffer.from(text, "latin1"), { mode: present.mode });
  say(`mxm-secrets: the hook is gone from ${quote(file)}`);
}

function readHook(file: string): PresentHook | undefined {
  const status = regularFile(file);
  if (status === undefined) return undefined;
  try {
    const bytes = readFileSync(file);
    // Byte by byte, so that a script in any encoding keeps what it is.
    return { text: bytes.toString("latin1"), mode: status.mode & 0o777 };
  } catch (thrown) {
    throw fileError("read", file, thrown);
  }
}

/** Without these, the hook would be denied what the person who installs it is allowed. */
const identityKept = ["role", "environment", "machine", "app", "substrate", "reason"] as const;
const valuesKept = ["profile", "for", ...identityKept] as const;
const flagsKept = ["all", "allow-insecure-permissions"] as const;

/** The scan with the options that say who asks, and what it looks for. Git runs it at the top of the work tree. */
function commandOf(args: Arguments, here: string, top: string): string {
  const named = valuesKept.flatMap((name) => {
    const value = args.option(name);
    return value === undefined ? [] : [`--${name} ${shellWord(value)}`];
  });
  const only = args.optionList("only").map((list) => `--only ${shellWord(list)}`);
  const flags = flagsKept.filter((name) => args.flag(name)).map((name) => `--${name}`);
  const excluded = args.optionList("exclude").map((path) => `--exclude ${shellWord(pathFromTop(path, here, top))}`);
  return [
    "mxm-secrets scan --staged",
    ...configurationOption(args, here, top),
    ...named,
    ...only,
    ...flags,
    ...excluded,
  ].join(" ");
}

/** Needed for a configuration that is not at the top; written so that it holds in another clone as well. */
function configurationOption(args: Arguments, here: string, top: string): readonly string[] {
  const found = findConfig({ config: args.option("config"), environment: {}, workingDirectory: here });
  if (found === undefined || found.file === join(top, configFileName)) return [];
  const inside = relative(top, found.file);
  return [`--config ${shellWord(inside.startsWith("..") ? found.file : inside)}`];
}
