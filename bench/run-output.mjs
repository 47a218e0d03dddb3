// What masking costs a command that prints much: 50 MB through `run`, against the same through a plain pipe of Node.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, makeProject } from "./projects.mjs";
import { median, reportRatio } from "./measure.mjs";

const rounds = Number(process.argv[2] ?? 9);
const megabyte = 1_000_000;

const scratch = mkdtempSync(join(tmpdir(), "mxm-output-"));
const project = await makeProject({ secrets: 100, refs: 100 });
try {
  const printer = write("printer.cjs", printerSource());
  const plain = write("plain.cjs", plainSource());
  const peak = write("peak.cjs", peakSource());
  const size = join(scratch, "peak");
  // The peak is reported to a file: both streams belong to the command.
  const environment = { ...project.environment, MXM_BENCH_PEAK: size };
  const child = (megabytes) => [process.execPath, printer, String(megabytes * megabyte)];
  const masked = (megabytes) => [
    process.execPath,
    "--require",
    peak,
    command,
    "run",
    "--all",
    "--",
    ...child(megabytes),
  ];
  const unmasked = (megabytes) => [process.execPath, "--require", peak, plain, ...child(megabytes)];
  const measure = (argv, megabytes) => {
    const start = performance.now();
    // As people do: into another program.
    const line = `${argv.map((word) => `'${word}'`).join(" ")} | wc -c`;
    const options = { cwd: project.directory, env: environment, encoding: "utf8" };
    const { stdout, stderr } = spawnSync("/bin/sh", ["-c", line], options);
    const milliseconds = performance.now() - start;
    if (Number(stdout) !== megabytes * megabyte) throw new Error(`${megabytes} MB became ${stdout.trim()}: ${stderr}`);
    return { milliseconds, kibibytes: Number(readFileSync(size, "latin1")) };
  };
  const ratios = [];
  const memory = { large: [], more: [] };
  for (let round = 0; round <= rounds; round++) {
    const through = measure(masked(50), 50);
    const bare = measure(unmasked(50), 50);
    const more = measure(masked(200), 200);
    if (round === 0) continue;
    ratios.push(through.milliseconds / bare.milliseconds);
    memory.large.push(through.kibibytes);
    memory.more.push(more.kibibytes);
  }
  const [large, more] = [median(memory.large), median(memory.more)];
  process.stdout.write(
    `peak memory: ${(large / 1024).toFixed(1)} MiB for 50 MB, ${(more / 1024).toFixed(1)} MiB for 200 MB\n`,
  );
  const results = [
    reportRatio("run printing 50 MB with 100 secrets / plain pipe", median(ratios), { aim: 2, limit: 2.5 }),
    reportRatio("peak memory of run, 200 MB printed / 50 MB printed", more / large, { limit: 1.25 }),
  ];
  process.exitCode = results.every(Boolean) ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
  project.remove();
}

function write(name, text) {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
}

/** Lines as a log has them, as fast as they are taken. */
function printerSource() {
  return `const fs = require("node:fs");
const line = "2026-11-24T12:00:00.000Z info request id=8f14e45fceea167a path=/v1/orders status=200 duration=12ms\\n";
const block = Buffer.from(line.repeat(Math.ceil(65536 / line.length))).subarray(0, 65536);
let left = Number(process.argv[2]);
while (left > 0) {
  const part = block.subarray(0, Math.min(left, block.length));
  let done = 0;
  while (done < part.length) done += fs.writeSync(1, part, done);
  left -= part.length;
}
`;
}

/** What a program does that starts another and passes on what it prints. */
function plainSource() {
  return `const { spawn } = require("node:child_process");
const [file, ...args] = process.argv.slice(2);
const child = spawn(file, args, { stdio: ["inherit", "pipe", "inherit"] });
child.stdout.pipe(process.stdout);
`;
}

/** Peak resident memory, as the program that reports it ends. */
function peakSource() {
  return `if (process.argv.length > 2 && !process.argv[1].endsWith("printer.cjs")) process.on("exit", () => {
  const fs = require("node:fs");
  let peak = process.resourceUsage().maxRSS;
  try { peak = Number(/VmHWM:\\s+(\\d+)/.exec(fs.readFileSync("/proc/self/status", "latin1"))[1]); } catch {}
  fs.writeFileSync(process.env.MXM_BENCH_PEAK, String(peak));
});
`;
}
