const pattern =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:([Tt ])([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|([-+])([0-9]{2}):([0-9]{2}))?)?$/;

/**
 * A timestamp of YAML in the forms that go-yaml v3 takes (`parseTimestamp` of resolve.go): a date; a date and a time with
 * `T` and a zone, or with a space and no zone.
 *
 * @returns the text as Go's `time.Time.MarshalText` gives it (RFC 3339, decimals without trailing zeros), or `undefined`
 */
export function parseTimestamp(text: string): string | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, year = "", month = "", day = "", separator, hour = "0", minute = "0", second = "0"] = match;
  const [decimals = "", zone, zoneSign = "", zoneHour = "00", zoneMinute = "00"] = match.slice(8);
  if (separator !== undefined && (separator === " ") !== (zone === undefined)) return undefined;
  if (!isDate(Number(year), Number(month), Number(day))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(zoneHour) > 23 || Number(zoneMinute) > 59) return undefined;
  const fraction = decimals.slice(0, 9).replace(/0+$/, "");
  const isUtc = zone === undefined || zone === "Z" || (zoneHour === "00" && zoneMinute === "00");
  return [
    `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`,
    fraction === "" ? "" : `.${fraction}`,
    isUtc ? "Z" : `${zoneSign}${zoneHour}:${zoneMinute}`,
  ].join("");
}

function two(digits: string): string {
  return digits.padStart(2, "0");
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (days[month - 1] ?? 0);
}
