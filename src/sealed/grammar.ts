import { isIdentifier } from "../domain/names.js";
import { decodeBase64 } from "./encoding.js";

const pathCharacters = /^[A-Za-z0-9._@+=:,~%#-]+(?:\/[A-Za-z0-9._@+=:,~%#-]+)*$/;
const name = /^[A-Za-z0-9._@+-]{1,128}$/;
const recipient = /^age1[0-9a-z]{6,4000}$/;
const decimal = /^(?:0|[1-9][0-9]{0,15})$/;
const timestamp = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

/** What {@link sealedPathFault} accepts, for messages and help. */
export const sealedPathDescription =
  "segments of letters, digits and `._@+=:,~%#-`, separated by `/`, at most 1,024 characters";

/** What is wrong with a path in a sealed store, or `undefined`. A path is one field of a line, so it has no space. */
export function sealedPathFault(path: string): string | undefined {
  if (path.length > 1024) return "expected at most 1,024 characters";
  return pathCharacters.test(path) ? undefined : `expected ${sealedPathDescription}`;
}

/** One form of field: what it is called in messages, and whether a text is one. */
export interface FieldForm {
  readonly expectation: string;
  readonly accepts: (text: string) => boolean;
}

const base64Of = (bytes: number, what: string): FieldForm => ({
  expectation: `expected ${what}: ${bytes} bytes in base64`,
  accepts: (text) => text.length === Math.ceil(bytes / 3) * 4 && decodeBase64(text)?.length === bytes,
});

/** Every form a field of a line can have. Each value has exactly one spelling. */
export const forms = {
  storeId: base64Of(16, "a store id"),
  publicKey: base64Of(32, "an Ed25519 public key"),
  signature: base64Of(64, "an Ed25519 signature"),
  base64: { expectation: "expected base64", accepts: (text) => text !== "" && decodeBase64(text) !== undefined },
  number: {
    expectation: "expected a number without leading zeros",
    accepts: (text) => decimal.test(text) && Number.isSafeInteger(Number(text)),
  },
  counter: {
    expectation: "expected a number from 1",
    accepts: (text) => text !== "0" && decimal.test(text) && Number.isSafeInteger(Number(text)),
  },
  writerAction: { expectation: "expected `add` or `remove`", accepts: (text) => text === "add" || text === "remove" },
  type: { expectation: "expected `text` or `bytes`", accepts: (text) => text === "text" || text === "bytes" },
  name: { expectation: "expected a name of letters, digits and `._@+-`", accepts: (text) => name.test(text) },
  policy: { expectation: "expected a policy", accepts: isIdentifier },
  recipient: { expectation: "expected an age recipient", accepts: (text) => recipient.test(text) },
  path: {
    expectation: "expected a path",
    accepts: (text) => sealedPathFault(text) === undefined && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(text),
  },
  time: {
    expectation: "expected a time like 2026-11-22T08:00:00Z",
    accepts: (text) => timestamp.test(text) && isRealTime(text),
  },
} as const satisfies Record<string, FieldForm>;

/** A moment as the format writes it: RFC 3339, UTC, whole seconds. @param now - milliseconds since the epoch */
export function formatTime(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}

/** Days are counted here because `Date` takes a microsecond, and every value read comes by. */
function isRealTime(text: string): boolean {
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (twoDigits(text, 11) > 23 || twoDigits(text, 14) > 59 || twoDigits(text, 17) > 59) return false;
  if (month < 1 || month > 12 || day < 1) return false;
  if (day <= 28) return true;
  if (month !== 2) return day <= (month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** What the two digits at an index say. */
function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 0x30) * 10 + text.charCodeAt(at + 1) - 0x30;
}

/** The order of fields in the file: by bytes. The fields are ASCII, so code units compare the same. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
