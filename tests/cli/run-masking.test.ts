import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { useCanary } from "../support/canary-project.js";
import { endOf, useProject } from "../support/project.js";

const timeout = 60_000;
const value = "the-value-of-the-first-key";

async function useSecret() {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: value });
  const words = ["run", "--only", "first_key", "--"];
  const run = async (script: string) => {
    const { status, stdout, stderr } = await project.run([...words, "sh", "-c", script]);
    return { status, stdout, stderr };
  };
  const start = (script: string) => project.start([...words, "sh", "-c", script], ["ignore", "pipe", "pipe"]);
  return { ...project, masked: run, startShell: start };
}

test("no form of a value leaves run, on either stream, as it is printed by common programs", { timeout }, async () => {
  const { run, quiet, canary } = await useCanary();
  const scripts = [
    'env; printenv FIRST_KEY; cat "$FIRST_KEY_FILE"',
    "env >&2; printenv FIRST_KEY >&2",
    'set -x; : "$FIRST_KEY"',
    'printenv FIRST_KEY | base64; printenv FIRST_KEY | base64 -w0; printf x%s "$FIRST_KEY" | base64 -w0',
    "printf %s \"$FIRST_KEY\" | od -An -v -tx1 | tr -d ' \\n'; printf %s \"$FIRST_KEY\" | od -An -v -tx1 | tr -d ' \\n' | tr a-f A-F",
    'node -p "JSON.stringify(process.env)"; node -p "encodeURIComponent(process.env.FIRST_KEY)"',
    'printf %s "$FIRST_KEY" | while IFS= read -r line; do echo "$line"; sleep 0.05; done',
    "printf %s \"$FIRST_KEY\" | sed 's/./&\\n/12' | tr -d '\\n'",
  ];
  const check = async (script: string) => {
    const end = await run(["run", "--only", "first_key", "--as-file", "first_key", "--", "sh", "-c", script]);
    expect({ script, status: quiet(end, script) }).toEqual({ script, status: 0 });
    expect(`${end.stdout}${end.stderr}`).toContain("[secret first_key]");
  };
  await Promise.all(scripts.map(check));
  const open = await run(["run", "--only", "first_key", "--no-masking", "--", "printenv", "FIRST_KEY"]);
  expect(canary.formsIn(open.stdout)).toContain("raw");
});

test(
  "what is no value passes as it is, each stream in its order, and the end is not held back",
  { timeout },
  async () => {
    const { masked, run } = await useSecret();
    expect(
      await masked('printf "one\\ntwo"; printf "three\\n" >&2; printf "four, no newline: the-value-of" >&2'),
    ).toEqual({
      status: 0,
      stdout: "one\ntwo",
      stderr: "three\nfour, no newline: the-value-of",
    });
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 256));
    const end = await run(["run", "--only", "first_key", "--", "cat"], { input: bytes });
    expect(end.bytes.equals(bytes)).toBe(true);
  },
);

test("values too short to be masked are named once, when there is output", { timeout }, async () => {
  const { run } = await useSecret();
  await run(["set", "pin", "--stdin"], { input: "123" });
  const end = await run([
    "run",
    "--only",
    "pin,first_key",
    "--",
    "sh",
    "-c",
    "env | grep -e PIN= -e FIRST_KEY=; echo x >&2",
  ]);
  expect(end.stdout.split("\n").toSorted()).toEqual(["", "FIRST_KEY=[secret first_key]", "PIN=123"]);
  expect(end.stderr.split("\n").toSorted()).toEqual([
    "",
    "mxm-secrets: the value of pin is shorter than 4 characters and not masked in the output",
    "x",
  ]);
  expect(await run(["run", "--only", "pin", "--", "true"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
});

test("a reader that goes away ends the command as it would without us", { timeout }, async () => {
  const { shell } = await useSecret();
  const end = await shell('{ mxm-secrets run --only first_key -- yes; echo "code=$?" >&2; } | head -n 2');
  expect(end).toMatchObject({ status: 0, stdout: "y\ny\n", stderr: "code=141\n" });
});

test("output that cannot be written is a failure", { timeout }, async () => {
  const { shell } = await useSecret();
  expect(await shell("mxm-secrets run --only first_key -- echo out > /dev/full")).toMatchObject({
    status: 4,
    stderr: "mxm-secrets: standard output cannot be written: the disk is full\n",
  });
});

test("a slow reader holds up the command, and signals still reach it", { timeout }, async () => {
  const { startShell, directory } = await useSecret();
  const child = startShell('trap "echo caught > caught; exit 9" TERM; echo ready >&2; yes');
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("expected pipes");
  await once(stderr, "data");
  // Long enough for every buffer to be full.
  await sleep(300);
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]);
  const before = memory();
  await sleep(300);
  expect(memory() - before).toBeLessThan(8_000);
  child.kill("SIGTERM");
  const ended = once(child, "exit");
  stdout.resume();
  await ended;
  expect(child.exitCode).toBe(9);
  expect(readFileSync(join(directory, "caught"), "utf8")).toBe("caught\n");
});

test("a program left behind with the output open is listened to for a while, not for ever", { timeout }, async () => {
  const { masked } = await useSecret();
  const [late, silent, endless] = await Promise.all([
    masked('(sleep 0.2; printf "late: %s\\n" "$FIRST_KEY") & echo now'),
    masked("sleep 30 2>/dev/null & echo now; exit 3"),
    masked("while :; do echo x; sleep 0.001; done 2>/dev/null & exit 3"),
  ]);
  expect(late).toEqual({ status: 0, stdout: "now\nlate: [secret first_key]\n", stderr: "" });
  const stderr =
    "mxm-secrets: a program that the command left running holds its standard output; what it prints is lost\n";
  expect(silent).toEqual({ status: 3, stdout: "now\n", stderr });
  expect(endless).toMatchObject({ status: 3, stderr });
});

test("all of a large output arrives before the exit code", { timeout }, async () => {
  const { startShell } = await useSecret();
  const child = startShell(
    'i=0; while [ $i -lt 200 ]; do i=$((i+1)); printf "%s\\n" "$FIRST_KEY"; done; head -c 5000000 /dev/zero; exit 4',
  );
  const end = await endOf(child);
  expect({ status: end.status, bytes: end.bytes.length }).toEqual({
    status: 4,
    bytes: 200 * "[secret first_key]\n".length + 5_000_000,
  });
});

test("a program can open its streams again by name", { timeout }, async () => {
  const { masked } = await useSecret();
  expect(
    await masked(
      'echo "$FIRST_KEY" > /dev/stdout; echo "$FIRST_KEY" >> /dev/stderr; cat < /dev/null | tee /dev/stderr',
    ),
  ).toEqual({
    status: 0,
    stdout: "[secret first_key]\n",
    stderr: "[secret first_key]\n",
  });
});

test("streams that go to one place keep the order they were written in", { timeout }, async () => {
  const { shell } = await useSecret();
  const script = "i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo out; echo err >&2; done";
  const { stdout } = await shell(`mxm-secrets run --only first_key -- sh -c '${script}' 2>&1`);
  expect(stdout).toBe("out\nerr\n".repeat(200));
});

test.each(["1", "2"])("what is printed comes at once with a thread pool of %s", { timeout }, async (size) => {
  const { start } = await useSecret();
  const script = 'echo first; read line; echo "$line" >&2; read line; echo "$line"';
  const child = start(["run", "--only", "first_key", "--", "sh", "-c", script], "pipe", {
    env: { UV_THREADPOOL_SIZE: size },
  });
  let printed = "";
  const answers = ["second\n", "third\n"];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text: Buffer) => {
      printed += text.toString();
      const answer = answers.shift();
      if (answer !== undefined) child.stdin?.write(answer);
    });
  }
  await once(child, "close");
  expect({ status: child.exitCode, printed }).toEqual({ status: 0, printed: "first\nsecond\nthird\n" });
});
