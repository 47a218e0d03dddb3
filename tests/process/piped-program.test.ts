import { expect, test } from "vitest";
import { startPiped } from "../../src/process/piped-program.js";

const node = (script: string, environment: Readonly<Record<string, string>> = {}) =>
  startPiped({ argv: [process.execPath, "-e", script], environment });
const textOf = async (output: AsyncIterable<Buffer>) => {
  let text = "";
  for await (const piece of output) text += piece.toString("latin1");
  return text;
};

test("what is written comes back while the program runs, whatever its size", async () => {
  const program = await node("process.stdin.pipe(process.stdout)");
  const writing = (async () => {
    for (let count = 0; count < 64; count++) await program.write(Buffer.alloc(65_536, count));
    program.endInput();
  })();
  let bytes = 0;
  for await (const piece of program.output) bytes += piece.length;
  await writing;
  expect(bytes).toBe(64 * 65_536);
  expect(await program.ended()).toEqual({ exitCode: 0, stderr: "" });
});

test("the exit code and the beginning of what it said are told at the end", async () => {
  const program = await node("process.stderr.write('x'.repeat(10_000)); process.exitCode = 3");
  expect(await textOf(program.output)).toBe("");
  expect(await program.ended()).toEqual({ exitCode: 3, stderr: "x".repeat(4096) });
});

test("writing to a program that ended without reading does not wait for ever", async () => {
  const program = await node("process.exit(0)");
  for (let count = 0; count < 20; count++) await program.write(Buffer.alloc(1024 * 1024));
  program.endInput();
  expect((await program.ended()).exitCode).toBe(0);
});

test("a program that is stopped ends without an exit code, and stopping it again does nothing", async () => {
  const program = await node("setInterval(() => {}, 1000); process.stdout.write('up')");
  for await (const _ of program.output) break;
  await program.stop();
  expect((await program.ended()).exitCode).toBeUndefined();
  await program.stop();
});

test("a program that is not there is not installed, and leaves no listener for signals", async () => {
  const before = process.listenerCount("SIGINT");
  const program = await startPiped({ argv: ["/nonexistent/program"], environment: {} });
  expect(await textOf(program.output)).toBe("");
  await expect(program.ended()).rejects.toMatchObject({ code: "unavailable", reason: "not_installed" });
  await expect(startPiped({ argv: ["a\0b"], environment: {} })).rejects.toThrow(TypeError);
  expect(process.listenerCount("SIGINT")).toBe(before);
});
