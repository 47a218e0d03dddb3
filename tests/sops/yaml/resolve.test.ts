import { describe, expect, test } from "vitest";
import { scalarBytes } from "../../../src/sops/scalar.js";
import type { SopsScalar } from "../../../src/sops/document.js";
import { resolveScalar } from "../../../src/sops/yaml/resolve.js";
import { parseTimestamp } from "../../../src/sops/yaml/timestamp.js";
import { parseYamlDocument } from "../../../src/sops/yaml/format.js";

/** How the store of sops 3.13.2 reads a value; `undefined` for what it refuses. */
const cases: readonly (readonly [string, string | undefined])[] = [
  ["1", "int 1"],
  ["-1", "int -1"],
  ["+1", "int 1"],
  ["0", "int 0"],
  ["-0", "int 0"],
  ["0777", "int 511"],
  ["0o17", "int 15"],
  ["0O17", "int 15"],
  ["08", "float 8"],
  ["0x1F", "int 31"],
  ["-0x1f", "int -31"],
  ["0b11", "int 3"],
  ["-0b11", "int -3"],
  ["0b-11", "int -3"],
  ["0o-7", "int -7"],
  ["1_000", "int 1000"],
  ["_1", "str _1"],
  ["1_", "int 1"],
  ["0x", "str 0x"],
  ["9223372036854775807", "int 9223372036854775807"],
  ["-9223372036854775808", "int -9223372036854775808"],
  ["18446744073709551616", "float 18446744073709552000"],
  ["-9223372036854775809", "float -9223372036854776000"],
  ["1.", "float 1"],
  ["1.5", "float 1.5"],
  [".5", "float 0.5"],
  ["-.5", "float -0.5"],
  ["+.5", "float 0.5"],
  ["1e3", "float 1000"],
  ["1E-3", "float 0.001"],
  ["1e999", "str 1e999"],
  [".1e400", "str .1e400"],
  ["1.e2", "float 100"],
  ["0.1", "float 0.1"],
  [".", "str ."],
  [".e1", "str .e1"],
  ["1.2.3", "str 1.2.3"],
  [".inf", "float +Inf"],
  ["+.Inf", "float +Inf"],
  ["-.INF", "float -Inf"],
  [".nan", "float NaN"],
  [".NaN", "float NaN"],
  ["nan", "str nan"],
  ["inf", "str inf"],
  ["true", "bool True"],
  ["True", "bool True"],
  ["TRUE", "bool True"],
  ["tRUE", "str tRUE"],
  ["yes", "str yes"],
  ["no", "str no"],
  ["on", "str on"],
  ["off", "str off"],
  ["y", "str y"],
  ["n", "str n"],
  ["null", "null"],
  ["Null", "null"],
  ["~", "null"],
  ["nULL", "str nULL"],
  ["NULL", "null"],
  ["2001-01-01", "time 2001-01-01T00:00:00Z"],
  ["2001-1-1", "time 2001-01-01T00:00:00Z"],
  ["2001-13-01", "str 2001-13-01"],
  ["2001-02-29", "str 2001-02-29"],
  ["2000-02-29", "time 2000-02-29T00:00:00Z"],
  ["2001-12-14t21:59:43.10-05:00", "time 2001-12-14T21:59:43.1-05:00"],
  ["2001-12-14T21:59:43Z", "time 2001-12-14T21:59:43Z"],
  ["2001-12-14 21:59:43.10", "time 2001-12-14T21:59:43.1Z"],
  ["2001-12-14 21:59:43.10 -5", "str 2001-12-14 21:59:43.10 -5"],
  ["2001-12-14 21:59:43Z", "str 2001-12-14 21:59:43Z"],
  ["2001-12-14T21:59:43", "str 2001-12-14T21:59:43"],
  ["2001-01-01T00:00:00+00:00", "time 2001-01-01T00:00:00Z"],
  ["2001-01-01T24:00:00Z", "str 2001-01-01T24:00:00Z"],
  ["2001-01-01T1:2:3Z", "time 2001-01-01T01:02:03Z"],
  ["2001-01-01T00:00:00.123456789123Z", "time 2001-01-01T00:00:00.123456789Z"],
  ["2001-01-01T00:00:00,5Z", "time 2001-01-01T00:00:00.5Z"],
  ["2001-01-01T00:00:00.500Z", "time 2001-01-01T00:00:00.5Z"],
  ["12345-01-01", "str 12345-01-01"],
  ["0001-01-01", "time 0001-01-01T00:00:00Z"],
  ["1:20", "str 1:20"],
  ["190:20:30", "str 190:20:30"],
  ["1,000", "str 1,000"],
  ["0.1_5", "float 0.15"],
  ["1__0", "int 10"],
  ["12e03", "float 12000"],
  ["-2E+05", "float -200000"],
  ["0xZZ", "str 0xZZ"],
  ["!!str 1", "str 1"],
  ["!!str", "str "],
  ["!!int '1'", "int 1"],
  ["!!float 1", "float 1"],
  ["!!float '1e3'", "float 1000"],
  ["!!bool 'true'", "bool True"],
  ["!!binary aGk=", "str hi"],
  ["!!binary 'a Gk='", undefined],
  ["!!timestamp '2001-01-01'", "time 2001-01-01T00:00:00Z"],
  ["!!null ''", "null"],
  ["!foo 1", "str 1"],
  ["! 1", "int 1"],
  ["! '1'", "str 1"],
  ["!<tag:yaml.org,2002:str> 1", "str 1"],
  ["'1'", "str 1"],
  ['"true"', "str true"],
  ["1 2", "str 1 2"],
  ["-", undefined],
  ["0.0", "float 0"],
  ["-0.0", "float -0"],
  ["1e-7", "float 0.0000001"],
  ["123456789012345678901234567890", "float 123456789012345680000000000000"],
  [
    "5e-324",
    "float 0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000005",
  ],
  [
    "1.7976931348623157e308",
    "float 179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
  ],
  ["=", "str ="],
  ["<<a", "str <<a"],
];

const shown = (scalar: SopsScalar | undefined): string | undefined => {
  const bytes = scalar && scalarBytes(scalar);
  return bytes === undefined ? scalar?.type : `${scalar?.type} ${Buffer.from(bytes).toString()}`;
};

test.each(cases.filter(([, expected]) => expected !== "list"))("`%s` is %s", async (text, expected) => {
  const reading = parseYamlDocument(Buffer.from(`a: ${text}\n`), "a.yaml");
  const found = await reading.then(
    ({ leaves }) => shown(leaves[0]?.scalar),
    () => undefined,
  );
  expect(found).toBe(expected);
});

describe("what SOPS cannot hold", () => {
  test("an integer between 63 and 64 bits is refused, as sops refuses it", () => {
    expect(resolveScalar("9223372036854775808", true, undefined)).toBeUndefined();
    expect(resolveScalar("0xFFFFFFFFFFFFFFFF", true, undefined)).toBeUndefined();
  });

  test("bytes that are no text stay bytes", () => {
    expect(resolveScalar("/w==", true, "!!binary")).toEqual({ type: "bytes", value: Buffer.of(0xff) });
  });

  test("a zone beyond a day and a second beyond the minute are no time", () => {
    expect(parseTimestamp("2001-01-01T00:00:00+25:00")).toBeUndefined();
    expect(parseTimestamp("2001-01-01T00:00:60Z")).toBeUndefined();
  });
});
