import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useCanary } from "../support/canary-project.js";
import { makeCanary } from "../support/canary.js";
import { useProject } from "../support/project.js";

const timeout = 60_000;

test("the search finds a value in every form, anywhere", async () => {
  const { directory } = await useProject();
  const { value, formsIn, filesWith } = makeCanary();
  const bytes = Buffer.from(value);
  expect(formsIn(`x${value}`)).toEqual(["raw"]);
  expect(formsIn(JSON.stringify({ value }))).toEqual(["raw"]);
  expect(formsIn(bytes.toString("hex").toUpperCase())).toEqual(["hex"]);
  for (const before of ["", "a", "ab"]) {
    expect(formsIn(Buffer.concat([Buffer.from(before), bytes]).toString("base64"))).toEqual(["base64"]);
  }
  writeFileSync(join(directory, "planted"), `0${value}`);
  expect(filesWith(directory)).toEqual([join(directory, "planted")]);
});

test("the value is printed where it was asked for and nowhere else", { timeout }, async () => {
  const { run, canary, quiet, quietly, root, file } = await useCanary();
  const shown = await run(["get", "first_key", "--verbose", "--reason", "to see"]);
  expect(shown.stdout).toBe(`${canary.value}\n`);
  expect(canary.formsIn(shown.stderr)).toEqual([]);
  expect(JSON.parse((await run(["get", "first_key", "--json"])).stdout)).toEqual({
    name: "first_key",
    value: canary.value,
  });
  const silent = [
    ["list"],
    ["check"],
    ["explain", "first_key"],
    ["audit", "tail"],
    ["audit", "query", "--name", "first_key"],
    ["audit", "verify"],
    ["keys", "list"],
    ["keys", "public"],
    ["trust", "--store", "local", "--yes"],
    ["trust", "--list"],
    ["completion", "--names"],
    ["completion", "bash"],
    ["run", "--all", "--", "true"],
    ["run", "--only", "first_key", "--", "sh", "-c", 'test -n "$FIRST_KEY"'],
  ];
  for (const argv of silent) expect({ argv, codes: await quietly(argv) }).toEqual({ argv, codes: [0] });
  expect(quiet(await run(["diff", "secrets.enc"]), "diff")).toBe(0);
  expect(await run(["mv", "first_key", "second_key"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(await quietly(["edit", "second_key"])).toEqual([2]);
  expect(canary.filesWith(root)).toEqual([]);
  expect(readFileSync(file("audit.jsonl"), "utf8")).toContain('"outcome":"value"');
  expect(await run(["rm", "second_key", "--yes"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(canary.filesWith(root)).toEqual([]);
});

test("no failure says the value", { timeout }, async () => {
  const { run, canary, quietly, directory, root, file, machine, quiet } = await useCanary();
  const { value } = canary;
  const [policy, store] = ["mxm-secrets.yaml", "secrets.enc"].map((name) => readFileSync(file(name)));
  // What a person does by mistake: a value where a name, an option or a file belongs.
  expect(await quietly(["set", "first_key", value])).toEqual([2]);
  expect(await quietly(["set", "first_key", `--value=${value}`])).toEqual([2]);
  expect(await quietly(["set", "first_key", `-v${value}`])).toEqual([2]);
  expect(await quietly(["set", "first_key", "--stdin", "--policy", "nobody"], value)).toEqual([2]);
  expect(await quietly(["set", "second_key", "--stdin", "--role", "intern"], value)).toEqual([3]);
  expect(await quietly(["set", "first_key", "--stdin"], value.repeat(20_000))).toEqual([2]);
  expect(await quietly(["get", "first_key", "--role", "intern"])).toEqual([3]);
  expect(await quietly(["run", "--only", "first_key", "--", "no-such-program"])).toEqual([127]);
  expect(await quietly(["run", "--only", "first_key", "--", directory])).toEqual([126]);
  expect(await quietly(["mv", "first_key", "no/name"])).toEqual([2]);
  await run(["set", "binary", "--stdin"], { input: Buffer.from(`${value}\0`) });
  expect(await quietly(["run", "--only", "binary", "--", "true"])).toEqual([2]);
  const stranger = machine("stranger");
  for (const name of ["mxm-secrets.yaml", "secrets.enc"]) copyFileSync(file(name), join(stranger.directory, name));
  await stranger.run(["keys", "init"]);
  expect(quiet(await stranger.run(["get", "first_key", "--verbose"]), "another key")).toBe(5);
  expect(quiet(await stranger.run(["set", "first_key", "--stdin"], { input: value }), "another key")).toBe(3);
  // Everything a store and its surroundings can be broken by.
  const breakage: readonly (readonly [number, () => void])[] = [
    [5, () => chmodSync(file(".key"), 0o644)],
    [5, () => renameSync(file(".key"), file("kept"))],
    [5, () => writeFileSync(file(".key"), "no key\n", { mode: 0o600 })],
    [4, () => chmodSync(file("audit.jsonl"), 0o666)],
    [6, () => writeFileSync(file("secrets.enc"), Buffer.concat([store ?? Buffer.of(), Buffer.from("x")]))],
    [6, () => writeFileSync(file("secrets.enc"), store ?? "")],
    [2, () => appendFileSync(file("mxm-secrets.yaml"), `token: ${value}\n`)],
    [2, () => appendFileSync(file("mxm-secrets.yaml"), `{ ${value}: `)],
  ];
  const key = readFileSync(file(".key"));
  const present = readFileSync(file("secrets.enc"));
  for (const [code, break_] of breakage) {
    break_();
    const what = break_.toString();
    expect({ what, codes: await quietly(["get", "first_key"]) }).toEqual({ what, codes: [code] });
    await quietly(["check"]);
    await quietly(["set", "first_key", "--stdin"], value);
    writeFileSync(file(".key"), key);
    chmodSync(file(".key"), 0o600);
    chmodSync(file("audit.jsonl"), 0o600);
    writeFileSync(file("secrets.enc"), present);
    writeFileSync(file("mxm-secrets.yaml"), policy ?? "");
  }
  // An access log that somebody changed, or put a value into.
  const log = readFileSync(file("audit.jsonl"), "utf8");
  for (const altered of [log.replace('"verdict":"deny"', '"verdict":"allow"'), `${log}${value}\n`]) {
    writeFileSync(file("audit.jsonl"), altered);
    expect(await quietly(["audit", "verify"])).toEqual([7]);
    for (const argv of [["audit", "tail"], ["audit", "query"], ["check"], ["run", "--all", "--", "true"]]) {
      await quietly(argv);
    }
    await quietly(["set", "first_key", "--stdin"], value);
    writeFileSync(file("audit.jsonl"), log);
  }
  expect(canary.filesWith(root)).toEqual([]);
});

test("ps shows no value while it is stored, and a child sees the named secret and no other", { timeout }, async () => {
  const { run, start, canary, root } = await useCanary();
  const other = makeCanary();
  const child = start(["set", "second_key", "--stdin"], ["pipe", "pipe", "pipe"]);
  const seen: string[] = [];
  child.stdin?.write(other.value);
  for (const end = Date.now() + 300; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 10))) {
    for (const pid of [child.pid, process.pid]) {
      for (const name of ["cmdline", "environ"]) seen.push(readFileSync(`/proc/${pid}/${name}`, "latin1"));
    }
  }
  child.stdin?.end();
  await new Promise((resolve) => child.once("close", resolve));
  expect(child.exitCode).toBe(0);
  expect(seen.flatMap((text) => [...canary.formsIn(text), ...other.formsIn(text)])).toEqual([]);

  const script = "cat /proc/$$/environ; for f in /proc/[0-9]*/cmdline; do cat $f 2>/dev/null; done >&2";
  const { stdout, stderr } = await run(["run", "--no-masking", "--only", "first_key", "--", "sh", "-c", script]);
  expect(canary.formsIn(stdout)).toEqual(["raw"]);
  expect(stdout.split("\0").filter((line) => canary.formsIn(line).length > 0)).toEqual([`FIRST_KEY=${canary.value}`]);
  expect([...other.formsIn(stdout), ...other.formsIn(stderr), ...canary.formsIn(stderr)]).toEqual([]);
  expect(stdout).not.toContain("MXM_");
  expect(canary.filesWith(root)).toEqual([]);
});

test("the editor's file is private, and gone afterwards however the editor ends", { timeout }, async () => {
  const { run, canary, root, file, start } = await useCanary();
  const left = () => readdirSync("/dev/shm").filter((name) => name.startsWith("mxm-secrets-"));
  const before = left();
  const editor = (words: string) => ({ env: { EDITOR: words } });
  const looking = `stat -c %a "$1" > ${file("seen")}; grep -c canary "$1" >> ${file("seen")}; dirname "$1" | xargs stat -c %a >> ${file("seen")}; true`;
  expect(await run(["edit", "first_key"], editor(looking))).toMatchObject({ status: 0, stdout: "" });
  expect(readFileSync(file("seen"), "utf8")).toBe("600\n2\n700\n");
  expect(await run(["edit", "first_key"], editor("false"))).toMatchObject({ status: 4 });
  const child = start(["edit", "first_key"], "ignore", editor(`touch ${file("started")}; sleep 3 #`));
  while (!existsSync(file("started"))) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(left().length).toBe(before.length + 1);
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("close", resolve));
  expect(child.signalCode).toBe("SIGTERM");
  expect(left()).toEqual(before);
  expect(canary.filesWith(root)).toEqual([]);
});
