// Redaction: megabytes of a log through a redactor per second of processor time, which other work on the machine disturbs
// least. A plain copy of the same chunks and a search for one word in them tell how quick the machine was meanwhile.
import { createHash } from "node:crypto";
import { createRedactor } from "../dist/lib/index.js";
import { median, reportRatio } from "./measure.mjs";

const megabyte = 1_000_000;
const rounds = Number(process.argv[2] ?? 7);
const inputBytes = 32 * megabyte;
const large = 64 * 1024;
const small = 1024;

const secrets = tokens(100);
const log = makeLog(inputBytes, secrets);
const floors = { copy: rateOf(large, copyChunk), indexOf: rateOf(large, findChunk) };
process.stdout.write(
  `floor: copy ${mega(floors.copy)} MB/s, Buffer.indexOf ${mega(floors.indexOf)} MB/s, node ${process.version}\n`,
);
const atLarge = rateOf(large, maskChunk(secrets));
const atSmall = rateOf(small, maskChunk(secrets));
const results = [
  reportRatio("100 secrets, chunks of 64 KiB, MB/s", atLarge, { aim: 700, limit: 500, atLeast: true }),
  reportRatio("100 secrets, chunks of 1 KiB, MB/s", atSmall, { aim: 150, limit: 100, atLeast: true }),
];
tell("64 KiB chunks / copy", atLarge / floors.copy);
tell("64 KiB chunks / Buffer.indexOf", atLarge / floors.indexOf);

process.stdout.write("worst cases, MB/s in chunks of 64 KiB and of 1 KiB:\n");
const base = secrets[0].value;
const cases = {
  "1,000 secrets": { values: tokens(1000), input: log },
  "1,000 secrets that begin alike": { values: tokens(1000, "sk-live-0000-"), input: log },
  "secrets of 4 to 6 characters": { values: tokens(100).map((one) => cut(one, 5)), input: log },
  "a value and nothing else": { values: secrets, input: repeated(base) },
  "almost a value, again and again": { values: secrets, input: repeated(`${base.slice(0, -1)}#`) },
  "beginnings of 1,000 values": { values: tokens(1000, "sk-live-0000-"), input: repeated("sk-live-0000-") },
  "one letter, value of one letter": { values: [{ name: "a", value: "a".repeat(40) }], input: repeated("a") },
  "one letter, 4 KB almost of it": { values: [{ name: "a", value: `${"a".repeat(4096)}b` }], input: repeated("a") },
};
for (const [name, { values, input }] of Object.entries(cases)) {
  const part = input.subarray(0, 2 * megabyte);
  const [first, second] = [large, small].map((size) => rateOf(size, maskChunk(values), part, 3));
  process.stdout.write(`     ${name.padEnd(58)} ${mega(first)}, ${mega(second)}\n`);
}
process.stdout.write("cold, once in a process of its own, milliseconds of processor time to the first masked line:\n");
for (const count of [100, 200])
  process.stdout.write(`     ${`${count} secrets`.padEnd(58)} ${await coldBuild(count)}\n`);
process.exitCode = results.every(Boolean) ? 0 : 1;

/** MB/s of an input in chunks: the median of several rounds after two that are not counted. */
function rateOf(size, start, input = log, times = rounds) {
  const chunks = [];
  for (let at = 0; at < input.length; at += size) chunks.push(input.subarray(at, at + size));
  const rates = [];
  for (let round = -2; round < times; round++) {
    const work = start();
    const from = process.cpuUsage();
    for (const chunk of chunks) work(chunk);
    const { user, system } = process.cpuUsage(from);
    if (round >= 0) rates.push(input.length / megabyte / ((user + system) / 1e6));
  }
  return median(rates);
}

function maskChunk(values) {
  const redactor = createRedactor(values);
  return () => {
    const stream = redactor.open();
    return (chunk) => stream.write(chunk);
  };
}

function copyChunk() {
  const target = new Uint8Array(large);
  return (chunk) => target.set(chunk);
}

function findChunk() {
  return (chunk) => chunk.indexOf("never in the log");
}

/** Random-looking tokens of 8 to 47 characters, the same in every run. */
function tokens(count, prefix = "") {
  return Array.from({ length: count }, (_, index) => {
    const digest = createHash("sha512").update(`token ${index}`).digest("base64");
    return { name: `secret_${index}`, value: prefix + digest.slice(0, 8 + (index % 40)) };
  });
}

function cut({ name, value }, length) {
  return { name, value: value.slice(0, length) };
}

/** Lines as services write them: times, levels, addresses, identifiers, JSON; in one of 200 a value. */
function makeLog(bytes, values) {
  const lines = [];
  for (let length = 0, index = 0; length < bytes; index++) {
    const id = createHash("md5").update(`request ${index}`).digest("hex");
    const time = new Date(1_790_000_000_000 + index * 37).toISOString();
    const kinds = [
      `${time} INFO  [http] GET /api/v1/instruments/${index % 977}?limit=100&offset=${index} 200 ${index % 91}ms id=${id}`,
      `{"time":"${time}","level":"debug","msg":"cache miss","key":"user:${index}","trace_id":"${id}","bytes":${index * 13}}`,
      `${time} WARN  retrying connection to 10.0.${index % 256}.${index % 199}:5432 (attempt ${index % 7} of 6), see https://example.com/errors/E${index % 100}`,
      `    at processTicksAndRejections (node:internal/process/task_queues:95:${index % 60})`,
    ];
    const value = index % 200 === 0 ? ` Authorization: Bearer ${values[(index / 200) % values.length].value}` : "";
    const line = `${kinds[index % kinds.length]}${value}\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join(""));
}

function repeated(text) {
  return Buffer.from(text.repeat(Math.ceil((2 * megabyte) / text.length)));
}

/** What building the tables costs a process that did nothing like it before. */
async function coldBuild(count) {
  const { execFileSync } = await import("node:child_process");
  const script = `
    const { createRedactor } = await import(${JSON.stringify(new URL("../dist/lib/index.js", import.meta.url).href)});
    const secrets = JSON.parse(process.argv[1]);
    const line = Buffer.from("one line of a log\\n");
    const from = process.cpuUsage();
    createRedactor(secrets).open().write(line);
    const { user, system } = process.cpuUsage(from);
    process.stdout.write(String((user + system) / 1e3));`;
  const values = JSON.stringify(tokens(count));
  const times = Array.from({ length: 9 }, () =>
    Number(execFileSync(process.execPath, ["--input-type=module", "-e", script, values], { encoding: "utf8" })),
  );
  return median(times).toFixed(1);
}

function mega(rate) {
  return Math.round(rate);
}

function tell(name, ratio) {
  process.stdout.write(`     ${name.padEnd(58)} ${ratio.toFixed(2)}\n`);
}
