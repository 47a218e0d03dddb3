import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findTool, toolsDirectory } from "./tools.js";

export { toolsDirectory } from "./tools.js";

/** One machine: its own home, configuration, GPG key ring and checkout of the team's store. */
export interface GopassMachine {
  readonly name: string;
  readonly home: string;
  /** The checkout that gopass reads and writes. */
  readonly store: string;
  readonly fingerprint: string;
  /** Everything a program needs to act as this machine. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What {@link run} gives back of a program. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The `gopass` to test with, or `undefined`. */
export function findGopass(): string | undefined {
  return findTool("gopass");
}

/** Runs a program as a machine and waits; a value goes in by `input`, never by an argument. */
export function run(
  machine: GopassMachine,
  program: string,
  argv: readonly string[],
  input: string | Buffer = "",
): Ended {
  const { status, stdout, stderr, error } = spawnSync(program, argv, { env: machine.environment, input });
  if (error !== undefined) throw error;
  return { exitCode: status, stdout, stderr: stderr.toString("utf8") };
}

/** As {@link run}, for a step that must succeed. @throws Error with the program's own words when it does not */
export function must(
  machine: GopassMachine,
  program: string,
  argv: readonly string[],
  input: string | Buffer = "",
): Buffer {
  const ended = run(machine, program, argv, input);
  if (ended.exitCode !== 0) throw new Error(`${program} ${argv.join(" ")}: exit ${ended.exitCode}\n${ended.stderr}`);
  return ended.stdout;
}

/**
 * A directory with a short name: a GPG agent's socket lies under its home, and the name of a socket may have no more
 * than 107 bytes.
 */
export function shortDirectory(): string {
  return mkdtempSync("/tmp/mg-");
}

/**
 * A machine with a key of its own (Ed25519 and Curve25519, no passphrase) and nothing else of the caller's
 * surroundings.
 *
 * @param base - a directory with a short name
 */
export function makeMachine(base: string, name: string): GopassMachine {
  const home = join(base, name);
  const gnupgHome = join(home, "g");
  mkdirSync(gnupgHome, { recursive: true, mode: 0o700 });
  const environment = {
    PATH: [toolsDirectory, process.env["PATH"] ?? "/usr/bin:/bin"].join(delimiter),
    HOME: home,
    GNUPGHOME: gnupgHome,
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_DATA_HOME: join(home, ".local", "share"),
    XDG_CACHE_HOME: join(home, ".cache"),
    LC_ALL: "C",
    GOPASS_NO_NOTIFY: "true",
    GOPASS_NO_REMINDER: "true",
    NO_COLOR: "1",
    GIT_CONFIG_NOSYSTEM: "1",
  };
  const store = join(home, "store");
  const machine = { name, home, store, fingerprint: "", environment };
  const gpg = (...argv: string[]) => must(machine, "gpg", ["--batch", "--quiet", ...argv]);
  gpg("--passphrase", "", "--quick-generate-key", `${name} <${name}@machines.test>`, "ed25519", "default", "never");
  const fingerprint = fingerprintOf(gpg("--with-colons", "--list-secret-keys").toString());
  gpg("--passphrase", "", "--quick-add-key", fingerprint, "cv25519", "encr", "never");
  return { ...machine, fingerprint };
}

function fingerprintOf(colons: string): string {
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(colons)?.[1];
  if (fingerprint === undefined) throw new Error("gpg listed no secret key");
  return fingerprint;
}

/** Gives each machine the public key of every other, fully trusted. */
export function introduce(machines: readonly GopassMachine[]): void {
  for (const owner of machines) {
    const publicKey = must(owner, "gpg", ["--batch", "--armor", "--export", owner.fingerprint]);
    for (const other of machines) {
      if (other !== owner) must(other, "gpg", ["--batch", "--quiet", "--import"], publicKey);
    }
  }
  const trust = machines.map(({ fingerprint }) => `${fingerprint}:6:\n`).join("");
  for (const machine of machines) must(machine, "gpg", ["--batch", "--quiet", "--import-ownertrust"], trust);
}

/**
 * An empty store of one machine, kept in git.
 *
 * @param recipients - by folder (`""` is the root), the machines whose keys open it: the `.gpg-id` files
 */
export function makeStore(
  owner: GopassMachine,
  recipients: Readonly<Record<string, readonly GopassMachine[]>>,
  gopass = "gopass",
): void {
  const git = (...argv: string[]) => must(owner, "git", ["-C", owner.store, ...argv]);
  must(owner, "git", ["config", "--global", "user.name", owner.name]);
  must(owner, "git", ["config", "--global", "user.email", `${owner.name}@machines.test`]);
  must(owner, "git", ["init", "--quiet", "--initial-branch=main", owner.store]);
  for (const [folder, machines] of Object.entries(recipients)) {
    mkdirSync(join(owner.store, folder), { recursive: true });
    writeFileSync(join(owner.store, folder, ".gpg-id"), machines.map(({ fingerprint }) => `${fingerprint}\n`).join(""));
  }
  git("add", "--all");
  git("commit", "--quiet", "-m", "recipients");
  useStore(owner, gopass);
}

/** A second machine's clone of a store, set up for its own gopass. */
export function cloneStore(from: GopassMachine, to: GopassMachine, gopass = "gopass"): void {
  must(to, "git", ["config", "--global", "user.name", to.name]);
  must(to, "git", ["config", "--global", "user.email", `${to.name}@machines.test`]);
  if (existsSync(to.store)) must(to, "git", ["-C", to.store, "pull", "--quiet", "--ff-only"]);
  else must(to, "git", ["clone", "--quiet", from.store, to.store]);
  useStore(to, gopass);
}

function useStore(machine: GopassMachine, gopass: string): void {
  must(machine, gopass, ["config", "mounts.path", machine.store]);
}

/** Stores a value as a person would: `gopass insert` from standard input. */
export function insert(machine: GopassMachine, path: string, body: string | Buffer, gopass = "gopass"): void {
  must(machine, gopass, ["insert", "-f", path], body);
}

/** Ends the machine's GPG agent and removes the machine. */
export function removeMachine(machine: GopassMachine): void {
  run(machine, "gpgconf", ["--kill", "all"]);
  rmSync(machine.home, { recursive: true, force: true });
}
