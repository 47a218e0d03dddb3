import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { piecesOf } from "../../scripts/bundle.mjs";
import { buildCommand } from "../support/command.js";
import { useScratch } from "../support/scratch.js";

const scratch = useScratch();

/** What `help` prints, its compiled code kept in a directory. */
function helpWith(command: string, cache: string): () => string {
  const env = { PATH: process.env["PATH"], MXM_SECRETS_CACHE: cache };
  return () => execFileSync(process.execPath, [command, "help"], { encoding: "utf8", env, timeout: 30_000 });
}

it("compiled code is kept for this user alone and harms nothing when it is damaged", async () => {
  const command = await buildCommand();
  const cache = join(scratch(), "cache");
  const help = helpWith(command, cache);
  const expected = help();
  const [name = ""] = readdirSync(cache);
  const file = join(cache, name);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const whole = readFileSync(file);
  const middle = Math.floor(whole.length / 4);
  const altered = Buffer.from(whole);
  altered.fill(0x78, middle, middle + 64);
  for (const damaged of [altered, whole.subarray(0, 1000), whole.subarray(0, 1), Buffer.alloc(0), Buffer.alloc(5001)]) {
    writeFileSync(file, damaged);
    expect(help()).toBe(expected);
  }
});

it("compiled code is kept in no directory that others can use, and is read from no pipe", async () => {
  const command = await buildCommand();
  const cache = join(scratch(), "cache");
  const help = helpWith(command, cache);
  mkdirSync(cache);
  chmodSync(cache, 0o777);
  const expected = help();
  expect(readdirSync(cache)).toEqual([]);
  chmodSync(cache, 0o700);
  expect(help()).toBe(expected);
  const kept = readdirSync(cache).map((name) => join(cache, name));
  expect(kept.length).toBeGreaterThan(0);
  for (const file of kept) rmSync(file);
  execFileSync("mkfifo", ["-m", "600", ...kept]);
  expect(help()).toBe(expected);
});

it("what builds that are gone left in the cache is removed after a month, and nothing else", async () => {
  const command = await buildCommand();
  const cache = join(scratch(), "cache");
  mkdirSync(join(cache, "pipes"), { recursive: true, mode: 0o700 });
  const code = (digit: string) => `code-${digit.repeat(16)}-run-0-${process.version}-${process.arch}`;
  const gone = [code("0"), "config-checked-00000000", `config-2-${"0".repeat(64)}.json`];
  const foreign = ["code-review.md", "config-checked-00000000.bak", "config-prod.json", "other"];
  const young = [code("1"), "config-checked-11111111"];
  for (const name of [...gone, ...foreign, ...young]) writeFileSync(join(cache, name), "", { mode: 0o600 });
  const then = new Date(Date.now() - 31 * 86_400_000);
  for (const name of [...gone, ...foreign, "pipes"]) utimesSync(join(cache, name), then, then);
  const env = { PATH: process.env["PATH"], MXM_SECRETS_CACHE: cache };
  execFileSync(process.execPath, [command, "help"], { env });
  const made = /^code-(?!0{16}|1{16})[0-9a-f]{16}-others-[01]-/;
  const left = readdirSync(cache).filter((name) => !made.test(name));
  expect(left.toSorted()).toEqual([...foreign, ...young, "pipes"].toSorted());
});

it("a build is named by all that is in its two files", async () => {
  const command = await buildCommand();
  const pieces = readFileSync(piecesOf(command), "latin1");
  const build = pieces.slice(0, 16);
  const whole = (readFileSync(command, "utf8") + pieces).replaceAll(build, "@hash-of-a-build");
  expect(createHash("sha256").update(whole).digest("hex").slice(0, 16)).toBe(build);
});

it("a cache directory that nothing can make is done without", async () => {
  const command = await buildCommand();
  const directory = scratch();
  const made = join(directory, "one/two/three");
  writeFileSync(join(directory, "file"), "");
  for (const cache of [made, "/proc/none/cache", join(directory, "file/cache")]) {
    const env = { PATH: process.env["PATH"], MXM_SECRETS_CACHE: cache };
    const { status, stderr } = spawnSync(process.execPath, [command, "help"], {
      encoding: "utf8",
      env,
      timeout: 30_000,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  }
  expect(readdirSync(made).length).toBeGreaterThan(0);
});

it("without its second file, or with one of another version, the command says what to do and does nothing", async () => {
  const command = await buildCommand();
  const alone = join(scratch(), "alone.cjs");
  copyFileSync(command, alone);
  const said = (fault: string) => ({
    status: 70,
    stdout: "",
    stderr: `mxm-secrets: the file \`${piecesOf(alone)}\` of this program ${fault}; install it again\n`,
  });
  const help = () => {
    const environment = { PATH: process.env["PATH"], MXM_SECRETS_NO_CACHE: "1" };
    const { status, stdout, stderr } = spawnSync(process.execPath, [alone, "help"], {
      encoding: "utf8",
      env: environment,
    });
    return { status, stdout, stderr };
  };
  expect(help()).toEqual(said("cannot be read"));
  mkdirSync(piecesOf(alone));
  expect(help()).toEqual(said("cannot be read"));
  rmSync(piecesOf(alone), { recursive: true });
  const pieces = readFileSync(piecesOf(command));
  writeFileSync(piecesOf(alone), `another version!${pieces.toString("latin1").slice(16)}`, "latin1");
  expect(help()).toEqual(said("is of another version"));
  writeFileSync(piecesOf(alone), pieces.subarray(0, 5000));
  expect(help()).toEqual(said("is damaged"));
});

const configuration = `version: 1
stores:
  here: { backend: env }
refs:
  some_name: { store: here, path: some_name, policy: all }
policies:
  all: { allowed_principals: [developer], actions: [read] }
identity: { environment: dev, role: developer }
`;

it("each quick command has compiled code of its own, in the two parts it loads; all others share theirs", async () => {
  const command = await buildCommand();
  const directory = scratch();
  const cache = join(directory, "cache");
  writeFileSync(join(directory, "mxm-secrets.yaml"), configuration);
  const ran = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
      cwd: directory,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: directory, MXM_SECRETS_CACHE: cache, SOME_NAME: "some value" },
    });
    return { status, stdout, stderr };
  };
  const parts = (): readonly string[] =>
    readdirSync(cache)
      .flatMap((name) => /^code-[0-9a-f]{16}-([a-z]+-[01])-/.exec(name)?.[1] ?? [])
      .toSorted();
  // The first time, the configuration is parsed, which takes what is in the second part and in neither.
  expect(ran("list")).toEqual({ status: 0, stdout: "some_name\n", stderr: "" });
  expect(parts()).toEqual(["list-0", "list-1"]);
  expect(ran("get", "some_name")).toEqual({ status: 0, stdout: "some value\n", stderr: "" });
  expect(ran("exec", "--no-masking", "--all", "--", "printenv", "SOME_NAME").stdout).toBe("some value\n");
  expect(ran("run", "--no-masking", "--all", "--", "printenv", "SOME_NAME").stdout).toBe("some value\n");
  for (const other of ["help", "constructor", "explain"]) ran(other);
  expect(parts()).toEqual(["get-0", "get-1", "list-0", "list-1", "others-0", "others-1", "run-0", "run-1"]);
  for (const name of readdirSync(cache)) if (name.startsWith("code-")) rmSync(join(cache, name));
  ran("list");
  expect(parts()).toEqual(["list-0"]);
});
