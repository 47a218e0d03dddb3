import { note, noteType } from "./reader.js";
import type { Field } from "./fields.js";

const millisecondsOfDay = 86_400_000;
const day = /^(\d{4})-(\d{2})-(\d{2})$/;
const instant =
  /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const daysOfUnit: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30, y: 365 };
const expectedTime = "a day (`2027-01-31`) or a time with its offset (`2027-01-31T18:00:00Z`)";

/**
 * A moment at which something ends, in milliseconds since the epoch. A day (`2027-01-31`) lasts until it is over in UTC;
 * an RFC 3339 time ends at that moment. A `Date`, which some YAML readers make of a day, is a day when it is midnight UTC.
 */
export const endTime: Field<number> = {
  schema: {
    type: "string",
    pattern: String.raw`^\d{4}-\d{2}-\d{2}([Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2}))?$`,
  },
  read: (value, place) => {
    if (value instanceof Date) return endOfDate(value.getTime()) ?? note(place, `expected ${expectedTime}`);
    if (typeof value !== "string") return noteType(place, expectedTime, value);
    return endOf(value) ?? note(place, `expected ${expectedTime}`);
  },
};

/** A span in whole days: `90d`, `12w`, `3m` (months of 30 days), `1y` (365 days). */
export const span: Field<number> = {
  schema: { type: "string", pattern: "^[1-9][0-9]{0,4}[dwmy]$" },
  read: (value, place) => {
    const expected = "a span such as `90d`, `12w`, `3m` or `1y`";
    if (typeof value !== "string") return noteType(place, expected, value);
    const match = /^([1-9]\d{0,4})([dwmy])$/.exec(value);
    const days = match === null ? undefined : Number(match[1]) * (daysOfUnit[match[2] ?? ""] ?? Number.NaN);
    return days ?? note(place, `expected ${expected}`);
  },
};

function endOfDate(milliseconds: number): number | undefined {
  if (Number.isNaN(milliseconds)) return undefined;
  return milliseconds % millisecondsOfDay === 0 ? milliseconds + millisecondsOfDay : milliseconds;
}

function endOf(value: string): number | undefined {
  const asDay = startOfDay(value);
  if (asDay !== undefined) return asDay + millisecondsOfDay;
  const match = instant.exec(value);
  // `Date.parse` rolls 30 February over to March, so the day is checked apart.
  if (match === null || startOfDay(match[1] ?? "") === undefined) return undefined;
  const milliseconds = Date.parse(value.toUpperCase());
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function startOfDay(value: string): number | undefined {
  const match = day.exec(value);
  if (match === null) return undefined;
  const milliseconds = Date.parse(`${value}T00:00:00Z`);
  if (Number.isNaN(milliseconds)) return undefined;
  return new Date(milliseconds).toISOString().startsWith(value) ? milliseconds : undefined;
}
