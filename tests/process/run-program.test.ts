import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runProgram } from "../../src/process/run-program.js";
import type { ProgramCall } from "../../src/process/run-program.js";
import { scratchDirectory } from "../support/directory.js";

const node = (script: string, parts: Partial<ProgramCall> = {}) =>
  runProgram({
    argv: [process.execPath, "-e", script],
    environment: {},
    timeoutMilliseconds: 20_000,
    maximumOutputBytes: 1024,
    ...parts,
  });
const failureOf = async (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test("exit code, output, error output and descriptor 3 arrive apart", async () => {
  const script =
    "process.stdout.write('out'); process.stderr.write('err'); fs.writeSync(3, 'channel'); process.exitCode = 7";
  const end = await node(script, { channel: true });
  expect({ ...end, stdout: end.stdout.toString() }).toEqual({
    exitCode: 7,
    stdout: "out",
    stderr: "err",
    channel: "channel",
  });
});

test("input arrives byte for byte, and without it standard input is empty", async () => {
  const script =
    "const c = []; process.stdin.on('data', (d) => c.push(d)).on('end', () => process.stdout.write(Buffer.concat(c).toString('hex') + '.'))";
  expect((await node(script, { input: Buffer.from([0, 255, 13, 10]) })).stdout.toString()).toBe("00ff0d0a.");
  expect((await node(script)).stdout.toString()).toBe(".");
});

test("a program that ends without reading a large input is judged by its exit code", async () => {
  expect((await node("process.exit(3)", { input: Buffer.alloc(4 * 1024 * 1024) })).exitCode).toBe(3);
});

test("the program sees the environment it is given and no other", async () => {
  const end = await node("process.stdout.write(Object.keys(process.env).join())", { environment: { ONLY: "1" } });
  expect(end.stdout.toString()).toBe("ONLY");
});

test("arguments are not read by a shell", async () => {
  const argv = [process.execPath, "-e", "process.stdout.write(process.argv[1])", "$(id); `id` | *"] as const;
  expect((await node("", { argv })).stdout.toString()).toBe("$(id); `id` | *");
});

test("the program starts in the directory it is given, and one that is gone is no program that is not installed", async () => {
  const directory = realpathSync(scratchDirectory());
  expect((await node("process.stdout.write(process.cwd())", { directory })).stdout.toString()).toBe(directory);
  const gone = node("", { directory: join(directory, "gone") });
  expect(await failureOf(gone)).toMatchObject({ code: "unavailable", reason: "unreachable" });
});

test("a program that is not there is not installed", async () => {
  const missing = node("", { argv: ["/nonexistent/program"] });
  expect(await failureOf(missing)).toMatchObject({ code: "unavailable", reason: "not_installed" });
});

test("a file that cannot be run is there, but unreachable", async () => {
  const denied = node("", { argv: [join(import.meta.dirname, "run-program.test.ts")] });
  expect(await failureOf(denied)).toMatchObject({
    code: "unavailable",
    reason: "unreachable",
    message: expect.stringMatching(/^cannot run `.*`: permission denied$/),
  });
});

test("a program whose interpreter is missing is there, and is not taken for one that is not installed", async () => {
  const program = join(scratchDirectory(), "program");
  writeFileSync(program, "#!/nonexistent/interpreter\n", { mode: 0o755 });
  expect(await failureOf(node("", { argv: [program] }))).toMatchObject({
    reason: "unreachable",
    message: `cannot run \`${program}\`: the interpreter its first line names is missing`,
  });
});

test("too much output and too much time end the program", async () => {
  const endless = node("setInterval(() => process.stdout.write('x'.repeat(500)), 1)");
  expect(await failureOf(endless)).toMatchObject({ code: "unavailable", reason: "unreachable" });
  const silent = node("setInterval(() => {}, 1000)", { timeoutMilliseconds: 300 });
  expect(await failureOf(silent)).toMatchObject({ code: "unavailable", message: expect.stringContaining("0.3 s") });
});

test("a program that does not listen is ended all the same", async () => {
  const deaf = "process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1000)";
  expect(await failureOf(node(deaf, { timeoutMilliseconds: 300 }))).toMatchObject({
    message: expect.stringContaining("0.3 s"),
  });
}, 60_000);

test("what a program leaves behind with its output open is not waited for", async () => {
  const argv = ["sh", "-c", "sleep 1000000 & echo $!"] as const;
  const end = await node("", { argv, environment: { PATH: "/usr/bin:/bin" } });
  process.kill(Number(end.stdout.toString()), "SIGKILL");
  expect(end.exitCode).toBe(0);
}, 60_000);

test("a signal ends the program and the programs it started, and the call is cancelled", async () => {
  const file = join(scratchDirectory(), "grandchild");
  const script = `
    const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    fs.writeFileSync(${JSON.stringify(file)}, String(child.pid));
    setInterval(() => {}, 1000);`;
  const controller = new AbortController();
  const running = failureOf(node(script, { signal: controller.signal }));
  await expect.poll(() => existsSync(file) && readFileSync(file, "utf8"), { timeout: 50_000 }).toMatch(/^\d+$/);
  controller.abort();
  expect(await running).toMatchObject({ code: "cancelled" });
  const grandchild = Number(readFileSync(file, "utf8"));
  await expect.poll(() => isRunning(grandchild), { timeout: 50_000 }).toBe(false);
});

test("a signal that has fired already starts nothing", async () => {
  const file = join(scratchDirectory(), "started");
  const script = `fs.writeFileSync(${JSON.stringify(file)}, "")`;
  expect(await failureOf(node(script, { signal: AbortSignal.abort() }))).toMatchObject({ code: "cancelled" });
  expect(existsSync(file)).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // An ended process that nobody has waited for still answers.
  return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}
