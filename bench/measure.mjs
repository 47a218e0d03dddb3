// Whole processes, in turn: every figure is a ratio within the same run, because the speed of a machine drifts.
import { spawnSync } from "node:child_process";
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The middle of a list of numbers. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * Runs commands in turn, `rounds` times, after one round that is not counted.
 *
 * @param commands {{ name: string, argv: string[], cwd?: string, environment?: object }[]}
 * @returns {Map<string, number[]>} milliseconds of each run, by name
 */
export function timeInTurn(commands, rounds) {
  const times = new Map(commands.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const command of commands) {
      const start = performance.now();
      run(command);
      if (round > 0) times.get(command.name).push(performance.now() - start);
    }
  }
  return times;
}

/** Runs a command once and fails loudly when it does. */
export function run({ name, argv, cwd, environment = { PATH: process.env.PATH } }) {
  const { status, stdout, stderr } = spawnSync(argv[0], argv.slice(1), { cwd, env: environment, encoding: "utf8" });
  if (status !== 0) throw new Error(`${name}: exit code ${status}: ${stderr}`);
  return stdout;
}

/** The least that any command of Node costs: an empty CommonJS file. */
export function makeFloor() {
  const directory = mkdtempSync(join(tmpdir(), "mxm-floor-"));
  const file = join(directory, "empty.cjs");
  writeFileSync(file, "");
  return { argv: [process.execPath, file], remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/**
 * Peak resident memory of a Node program in KiB. On Linux from `VmHWM`, which begins anew with the program; the figure of
 * `getrusage` also counts what its parent held when it forked.
 */
export function peakMemory({ argv: [node, ...rest], cwd, environment }) {
  const reporter = `process.on("exit",()=>{const fs=require("fs");let peak=process.resourceUsage().maxRSS;
    try{peak=/VmHWM:\\s+(\\d+)/.exec(fs.readFileSync("/proc/self/status","latin1"))[1]}catch{}
    fs.writeSync(2,"\\npeak="+peak)})`;
  const directory = mkdtempSync(join(tmpdir(), "mxm-peak-"));
  const file = join(directory, "peak.cjs");
  writeFileSync(file, reporter);
  const { stderr } = spawnSync(node, ["--require", file, ...rest], { cwd, env: environment, encoding: "utf8" });
  rmSync(directory, { recursive: true, force: true });
  return Number(/peak=(\d+)/.exec(stderr)?.[1]);
}

/** One line of a report: what, the ratio, and what it may be. */
export function reportRatio(name, ratio, { aim, limit, atLeast = false }) {
  const holds = atLeast ? ratio >= limit : ratio <= limit;
  const bound = `${atLeast ? "at least" : "at most"} ${limit}${aim === undefined ? "" : `, aim ${aim}`}`;
  process.stdout.write(`${holds ? "ok  " : "MISS"} ${name.padEnd(58)} ${ratio.toFixed(2)}  (${bound})\n`);
  return holds;
}
