// What a cold process costs: wall time and peak memory of whole commands, as ratios.
import { command, makeProject, nameOf } from "./projects.mjs";
import { makeFloor, median, peakMemory, reportRatio, run, timeInTurn } from "./measure.mjs";

const rounds = Number(process.argv[2] ?? 40);
const floor = makeFloor();
const projects = new Map();
try {
  const results = [];
  for (const [secrets, refs] of [
    [1, 1],
    [200, 200],
    [10_000, 1],
    [100_000, 1],
    [10_000, 10_000],
  ]) {
    projects.set(`${secrets}/${refs}`, await makeProject({ secrets, refs }));
  }
  const mxm = (name, key, argv) => {
    const { directory, environment } = projects.get(key);
    return { name, argv: [process.execPath, command, ...argv], cwd: directory, environment };
  };
  const get = (name, key) => mxm(name, key, ["get", nameOf(0)]);
  const empty = { name: "floor", argv: floor.argv };
  const commands = [
    empty,
    mxm("--version", "200/200", ["--version"]),
    mxm("list", "200/200", ["list"]),
    get("get", "200/200"),
    get("one", "1/1"),
    get("many", "10000/1"),
    get("most", "100000/1"),
    get("all named", "10000/10000"),
    mxm("run one", "200/200", ["run", "--only", nameOf(0), "--", "true"]),
    mxm("run all", "200/200", ["run", "--all", "--", "true"]),
  ];
  // The compiled code of a command is complete after its first runs.
  for (let round = 0; round < 4; round++) commands.forEach(run);
  const times = timeInTurn(commands, rounds);
  const ratio = (a, b) => median(times.get(a)) / median(times.get(b));
  process.stdout.write(
    `floor: ${median(times.get("floor")).toFixed(1)} ms, node ${process.version}, ${rounds} rounds\n`,
  );
  results.push(
    reportRatio("--version / floor", ratio("--version", "floor"), { aim: 1.1, limit: 1.2 }),
    reportRatio("list of 200 names / floor", ratio("list", "floor"), { aim: 1.1, limit: 1.2 }),
    reportRatio("get, 200 secrets, 200 names / floor", ratio("get", "floor"), { aim: 1.35, limit: 1.6 }),
    reportRatio("run with one secret of 200 / floor", ratio("run one", "floor"), { aim: 1.7, limit: 2 }),
    reportRatio("run with 200 secrets / floor", ratio("run all", "floor"), { aim: 1.7, limit: 2 }),
    reportRatio("get, 10,000 secrets / get, one secret", ratio("many", "one"), { aim: 1.1, limit: 1.25 }),
    reportRatio("get, 100,000 secrets / get, one secret", ratio("most", "one"), { aim: 1.8, limit: 2.5 }),
    reportRatio("get, 10,000 secrets all named / get, one secret", ratio("all named", "one"), { limit: 2.5 }),
  );
  const floorMemory = memory(empty);
  const [two, many] = [commands[3], commands[5]].map(memory);
  process.stdout.write(`peak memory of the floor: ${(floorMemory / 1024).toFixed(1)} MiB\n`);
  results.push(
    reportRatio("peak memory of get, 200 secrets / floor", two / floorMemory, { limit: 1.3 }),
    reportRatio("peak memory of get, 10,000 secrets / floor", many / floorMemory, { limit: 1.6 }),
  );
  process.exitCode = results.every(Boolean) ? 0 : 1;
} finally {
  floor.remove();
  for (const { remove } of projects.values()) remove();
}

function memory(one) {
  return median(Array.from({ length: 5 }, () => peakMemory(one)));
}
