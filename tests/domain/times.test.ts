import { describe, expect, it } from "vitest";
import { rootPlace } from "../../src/domain/reader.js";
import { endTime, span } from "../../src/domain/times.js";
import type { Problem } from "../../src/errors.js";

const read = <T>(field: { read: (value: unknown, place: ReturnType<typeof rootPlace>) => T }, value: unknown) => {
  const problems: Problem[] = [];
  const result = field.read(value, rootPlace(problems));
  expect(problems).toHaveLength(result === undefined ? 1 : 0);
  return result;
};

describe("the end of a policy", () => {
  it.each([
    ["2027-01-31", "2027-02-01T00:00:00.000Z"],
    ["2028-02-29", "2028-03-01T00:00:00.000Z"],
    ["2027-01-31T18:00:00Z", "2027-01-31T18:00:00.000Z"],
    ["2027-01-31t18:00:00.5z", "2027-01-31T18:00:00.500Z"],
    ["2027-01-31T18:00:00+02:00", "2027-01-31T16:00:00.000Z"],
    [new Date("2027-01-31T00:00:00Z"), "2027-02-01T00:00:00.000Z"],
    [new Date("2027-01-31T00:00:01Z"), "2027-01-31T00:00:01.000Z"],
  ])("%s is %s", (value, moment) => {
    expect(new Date(read(endTime, value) ?? Number.NaN).toISOString()).toBe(moment);
  });

  it.each([
    "2027-02-29",
    "2027-13-01",
    "2027-1-31",
    "2027-01-31T18:00:00",
    "2027-02-30T00:00:00Z",
    "2027-01-31T24:00:00Z",
    "tomorrow",
    "",
    2027,
    null,
    new Date(Number.NaN),
  ])("%s is refused", (value) => {
    expect(read(endTime, value)).toBeUndefined();
  });
});

describe("a span", () => {
  it.each([
    ["90d", 90],
    ["12w", 84],
    ["3m", 90],
    ["1y", 365],
  ])("%s is %d days", (value, days) => {
    expect(read(span, value)).toBe(days);
  });

  it.each(["0d", "90", "90 d", "-1d", "1.5d", "90D", "999999d", "", 90, null, ["90d"]])("%s is refused", (value) => {
    expect(read(span, value)).toBeUndefined();
  });
});
