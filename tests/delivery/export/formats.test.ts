import { spawnSync } from "node:child_process";
import { isUtf8 } from "node:buffer";
import { parseEnv } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseDotenv } from "../../../src/dotenv/parse.js";
import type { ExportEntry, ExportFormat } from "../../../src/delivery/export/format.js";
import { exportFormats } from "../../../src/delivery/export/formats.js";
import { readEnvFileAsDocker, readEnvironmentFileAsSystemd } from "./readers.js";
import { asRecord, entriesOf, everyByte, values } from "./values.js";

type Read = (bytes: Uint8Array) => Record<string, Uint8Array>;

/** How each format is read back, by a reader that knows nothing of its writer. */
const readers: Readonly<Record<string, Read>> = {
  dotenv: (bytes) => encoded(Object.fromEntries(parseDotenv(bytes, ".env").map(({ key, value }) => [key, value]))),
  json: (bytes) => encoded(JSON.parse(Buffer.from(bytes).toString())),
  yaml: (bytes) => encoded(parse(Buffer.from(bytes).toString(), { version: "1.1" })),
  shell: readAsShell,
  docker: (bytes) => encoded(readEnvFileAsDocker(bytes)),
  k8s: (bytes) => {
    const { data } = parse(Buffer.from(bytes).toString()) as { data: Record<string, string> };
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64")]));
  },
  systemd: (bytes) => encoded(readEnvironmentFileAsSystemd(bytes)),
};

const noNul = "holds a NUL byte, which no environment can";
const options = { name: "app", namespace: undefined };

test("every format has a reader in this test", () => {
  expect(Object.keys(readers).toSorted()).toEqual(exportFormats.map(({ name }) => name).toSorted());
});

test.each(exportFormats)("what $name holds comes back byte for byte, and the rest has a fault", (format) => {
  const read = readers[format.name] ?? (() => ({}));
  const runs = format.name === "shell" ? 15 : 300;
  fc.assert(
    fc.property(fc.array(values, { maxLength: 6 }), (found) => {
      const entries = entriesOf(found).filter((entry) => format.fault(entry) === undefined);
      expect(plain(read(format.write(entries, options)))).toEqual(
        plain(Object.fromEntries(entries.map(({ variable, value }) => [variable, value]))),
      );
    }),
    { numRuns: runs },
  );
});

/** What each format says of the values it refuses. */
const limits: readonly (readonly [value: Uint8Array, refusals: Readonly<Record<string, string>>])[] = [
  [Buffer.from("plain text"), {}],
  [Buffer.from("two\nlines"), { docker: "holds a newline" }],
  [Buffer.from("ends in CR\r"), { docker: "ends with a carriage return, which Docker drops" }],
  [Buffer.from("CR \r inside"), {}],
  [Buffer.from("x".repeat(65_536)), { docker: "is longer than Docker reads in one line (65534 bytes with its name)" }],
  [Buffer.from("a\uFFFEb"), { systemd: "holds a Unicode noncharacter, which systemd refuses" }],
  [Buffer.from("a\0b"), Object.fromEntries(["dotenv", "shell", "docker", "systemd"].map((name) => [name, noNul]))],
  [
    Uint8Array.of(0xff, 0x41),
    Object.fromEntries(["dotenv", "json", "yaml", "docker", "systemd"].map((name) => [name, "is not UTF-8 text"])),
  ],
];

test.each(limits.map(([value, refusals], index) => ({ index, value, refusals })))(
  "value $index is refused by exactly the formats that cannot hold it",
  ({ value, refusals }) => {
    const faults = exportFormats.flatMap((format) => {
      const fault = format.fault({ name: "key", variable: "KEY", value });
      return fault === undefined ? [] : [[format.name, fault] as const];
    });
    expect(Object.fromEntries(faults)).toEqual(refusals);
  },
);

test("a shell evaluates every byte to itself", () => {
  const entries = entriesOf(everyByte);
  const format = formatNamed("shell");
  expect(plain(readAsShell(format.write(entries, options)))).toEqual(
    plain(Object.fromEntries(entries.map(({ variable, value }) => [variable, value]))),
  );
});

test("an env file is read by Node.js as by us, except where it says so", () => {
  const format = formatNamed("dotenv");
  fc.assert(
    fc.property(values, (value) => {
      const entries = entriesOf([value, Buffer.from("next # one")]).filter((entry) => isHeld(format, entry));
      const isSaid = format.remark?.(entries)?.includes("by other readers") === true;
      if (isSaid) return;
      expect(parseEnv(Buffer.from(format.write(entries, options)).toString())).toEqual(asRecord(entries));
    }),
    { numRuns: 500 },
  );
});

test("YAML 1.2 reads names and values as YAML 1.1 does", () => {
  const entries = ["yes", "no", "null", "n", "key"].map((name) => ({
    name,
    variable: name.toUpperCase(),
    value: Buffer.from("0123"),
  }));
  const text = Buffer.from(formatNamed("yaml").write(entries, options)).toString();
  for (const version of ["1.1", "1.2"] as const) {
    expect(parse(text, { version })).toEqual({ YES: "0123", NO: "0123", NULL: "0123", N: "0123", KEY: "0123" });
  }
});

test("YAML holds nothing that one of its versions takes for a line break or does not let stand", () => {
  const text = "\u0007\u007F\u0085\u2028\u2029\uFEFF\uFFFE ü😀";
  const written = formatNamed("yaml").write([{ name: "key", variable: "KEY", value: Buffer.from(text) }], options);
  expect(Buffer.from(written).toString()).toBe('KEY: "\\u0007\\u007f\\u0085\\u2028\\u2029\\ufeff\\ufffe ü😀"\n');
});

test("an export of nothing is a file of its format", () => {
  const written = exportFormats.map((format) => [
    format.name,
    plain(readers[format.name]?.(format.write([], options)) ?? {}),
  ]);
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(exportFormats.map(({ name }) => [name, {}])));
});

test.each([
  { name: undefined, namespace: undefined },
  { name: "", namespace: undefined },
  { name: "Upper", namespace: undefined },
  { name: "-a", namespace: undefined },
  { name: "a..b", namespace: undefined },
  { name: "a\n", namespace: undefined },
  { name: "a".repeat(254), namespace: undefined },
  { name: "a", namespace: "a.b" },
  { name: "a", namespace: "a".repeat(64) },
])("Kubernetes names are refused as Kubernetes refuses them: %j", (names) => {
  expect(() => formatNamed("k8s").requireOptions?.(names)).toThrow(/Kubernetes/);
});

test("a Kubernetes Secret of more than a mebibyte is refused with its size", () => {
  const half = new Uint8Array(524_288);
  expect(formatNamed("k8s").write(entriesOf([half, half]), options).byteLength).toBeGreaterThan(1_398_000);
  expect(() => formatNamed("k8s").write(entriesOf([half, half, Uint8Array.of(1)]), options)).toThrow(/1048577 bytes/);
});

function isHeld(format: ExportFormat, entry: ExportEntry): boolean {
  return isUtf8(entry.value) && format.fault(entry) === undefined;
}

function formatNamed(name: string): ExportFormat {
  const format = exportFormats.find((candidate) => candidate.name === name);
  if (format === undefined) throw new Error(`there is no format ${name}`);
  return format;
}

/** What /bin/sh gives a program after it evaluated the text. */
function readAsShell(bytes: Uint8Array): Record<string, Uint8Array> {
  const { stdout, status } = spawnSync("/bin/sh", ["-c", 'eval "$(cat)"; env -0'], {
    input: bytes,
    env: { PATH: "/usr/bin:/bin" },
  });
  if (status !== 0) throw new Error("the shell failed");
  const found = stdout
    .toString("latin1")
    .split("\0")
    .filter((line) => line.startsWith("KEY_"));
  return Object.fromEntries(
    found.map((line) => [line.slice(0, line.indexOf("=")), Buffer.from(line.slice(line.indexOf("=") + 1), "latin1")]),
  );
}

function encoded(texts: Record<string, string>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, Buffer.from(value)]));
}

/** For comparisons whose failures can be read. */
function plain(found: Readonly<Record<string, Uint8Array>>): Record<string, string> {
  return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, Buffer.from(value).toString("hex")]));
}
