import { InvalidInputError, quote } from "../errors.js";
import { nearest } from "../domain/names.js";
import type { Action } from "../domain/policy.js";

const requestKeys: ReadonlySet<string> = new Set([
  "secretName",
  "identity",
  "default",
  "reason",
  "signal",
  "value",
  "lastChanged",
  "action",
]);

/** What a caller without types may get wrong about a request besides its fields. @throws InvalidInputError */
export function checkRequest(request: unknown): void {
  checkObject(request, "request", requestKeys);
}

/** @throws InvalidInputError unless `requests` is an array; what it holds is checked one by one */
export function checkRequests(requests: unknown): void {
  if (!Array.isArray(requests)) throw new InvalidInputError("`requests`: expected an array of requests");
}

/** @throws InvalidInputError unless `options` is an object, with no other keys than these when they are given */
export function checkOptions(options: unknown, keys?: ReadonlySet<string>): void {
  checkObject(options, "options", keys);
}

/** @returns the action, `read` without one. @throws InvalidInputError for anything else */
export function requireAction(action: unknown): Action {
  if (action === undefined) return "read";
  if (action === "read" || action === "write") return action;
  throw new InvalidInputError('`action`: expected "read" or "write"');
}

/** @param now - milliseconds since the epoch, as the time is */
export function requirePast(lastChanged: unknown, now: number): void {
  if (lastChanged === undefined) return;
  if (typeof lastChanged === "number" && Number.isSafeInteger(lastChanged) && lastChanged >= 0 && lastChanged <= now)
    return;
  throw new InvalidInputError("`lastChanged`: expected milliseconds since the epoch, not in the future");
}

/** The value of a wrong `default` is not shown: it may be the secret. */
function checkObject(given: unknown, what: string, keys: ReadonlySet<string> | undefined): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new InvalidInputError(
      `\`${what}\`: expected an object${what === "request" ? " { secretName, identity }" : ""}`,
    );
  }
  if (keys === undefined) return;
  // A list of the keys would be made anew for each of many requests.
  for (const key in given) {
    if (!keys.has(key) && Object.hasOwn(given, key)) throw unknownKey(key, what, keys);
  }
  if ("default" in given && given.default !== undefined && typeof given.default !== "string") {
    throw new InvalidInputError("`default`: expected a string");
  }
}

function unknownKey(key: string, what: string, keys: ReadonlySet<string>): InvalidInputError {
  const meant = nearest(key, keys);
  const hint = meant === undefined ? `the keys are ${[...keys].join(", ")}` : `did you mean ${quote(meant)}?`;
  return new InvalidInputError(`\`${what}\`: unknown key ${quote(key)}`, { hint });
}
