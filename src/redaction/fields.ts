import { isAnyArrayBuffer, isDate, isMap, isNativeError, isPromise, isRegExp, isSet } from "node:util/types";
import { Secret } from "../domain/secret.js";
import { markerOf } from "./clusters.js";
import { isSecretFieldName, mayBeCount } from "./field-names.js";
import type { Redactor } from "./redactor.js";

export interface RedactFieldsOptions {
  /** Masks values inside every other text too, names of fields included. */
  readonly redactor?: Pick<Redactor, "redact">;
  /** Decides which names look secret. Default: {@link isSecretFieldName}. */
  readonly isSecret?: (fieldName: string) => boolean;
}

/** What stands for a property that cannot be read. */
const unreadable = "[unreadable]";

/**
 * A copy of a value for a structured log, in which every field whose name looks secret has `[secret NAME]` for its value,
 * whatever that is, at any depth. Nothing else of the data is changed, and the input never is.
 *
 * Objects become plain ones, and what has a `toJSON` becomes what that gives, as in a log; arrays, Maps, Sets, Errors and
 * Dates stay what they are, cycles too. A `Secret` is `[secret NAME]` under any name. In `{ name, value }`, the value is
 * masked when the name looks secret. `null`, `undefined`, booleans, and numbers under a plural (`tokens: 12`) are no
 * secrets. A getter that throws gives `[unreadable]`. Bytes and functions are shared with the input.
 */
export function redactFields(
  fields: Readonly<Record<string, unknown>>,
  options?: RedactFieldsOptions,
): Record<string, unknown>;
export function redactFields(value: unknown, options?: RedactFieldsOptions): unknown;
export function redactFields(value: unknown, options: RedactFieldsOptions = {}): unknown {
  const copier = new Copier(options);
  const copy = copier.copyOf(value);
  copier.finish();
  return copy;
}

type Fill = () => void;

/** Copies without recursion, so that no depth is too deep: a copy is given away empty, and filled later. */
class Copier {
  readonly #copies = new WeakMap<object, unknown>();
  readonly #fills: Fill[] = [];
  readonly #redactor: RedactFieldsOptions["redactor"];
  readonly #isSecret: (fieldName: string) => boolean;

  constructor({ redactor, isSecret }: RedactFieldsOptions) {
    this.#redactor = redactor;
    this.#isSecret = isSecret ?? isSecretFieldName;
  }

  finish(): void {
    for (let fill = this.#fills.pop(); fill !== undefined; fill = this.#fills.pop()) fill();
  }

  copyOf(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (typeof value !== "object" || value === null) return value;
    if (this.#copies.has(value)) return this.#copies.get(value);
    try {
      return this.#copyObject(value);
    } catch {
      // A proxy, or a toJSON that throws.
      return unreadable;
    }
  }

  #copyObject(value: object, asksJson = true): unknown {
    if (isSecretObject(value)) return value.toString();
    if (value instanceof Uint8Array) return this.#bytes(value);
    if (ArrayBuffer.isView(value) || isAnyArrayBuffer(value) || isRegExp(value) || isPromise(value)) return value;
    if (isDate(value)) return new Date(value.getTime());
    if (Array.isArray(value)) return this.#begin(value, [], fillArray);
    if (isMap(value)) return this.#begin(value, new Map<unknown, unknown>(), fillMap);
    if (isSet(value)) return this.#begin(value, new Set<unknown>(), fillSet);
    if (isNativeError(value)) return this.#begin(value, this.#emptyError(value), fillError);
    if (isPairs(value)) return this.#begin(value, new Map<unknown, unknown>(), fillMap);
    const json = asksJson ? asJson(value) : value;
    if (json === value) return this.#begin(value, {}, fillProperties);
    // Once, as in a log: what it gives is not asked again, and may hold the object itself.
    const isNew = typeof json === "object" && json !== null && !this.#copies.has(json);
    const copy = isNew ? this.#copyObject(json, false) : this.copyOf(json);
    this.#copies.set(value, copy);
    return copy;
  }

  #begin<From extends object, To extends object>(
    from: From,
    to: To,
    fill: (from: From, to: To, copier: Copier) => void,
  ): To {
    this.#copies.set(from, to);
    this.#fills.push(() => {
      try {
        fill(from, to, this);
      } catch {
        // A proxy that tells what it is and not what it holds: what was read by then is the copy.
      }
    });
    return to;
  }

  /** The copy of what stands under a name. */
  field(name: unknown, value: unknown, siblings?: object): unknown {
    const label = typeof name === "symbol" ? (name.description ?? "") : name;
    if (typeof label !== "string") return this.copyOf(value);
    if (this.#isMasked(label, value)) return markerOf(label);
    if (label === "value" && siblings !== undefined) {
      const described = describedName(siblings);
      if (described !== undefined && this.#isMasked(described, value)) return markerOf(described);
    }
    return this.copyOf(value);
  }

  #isMasked(name: string, value: unknown): boolean {
    if (value === undefined || value === null || typeof value === "boolean" || !this.#isSecret(name)) return false;
    return !(typeof value === "number" && mayBeCount(name)) && !isSecretObject(value);
  }

  text(text: string): string {
    return this.#redactor === undefined ? text : this.#redactor.redact(text);
  }

  #bytes(bytes: Uint8Array): Uint8Array {
    if (this.#redactor === undefined) return bytes;
    const masked = this.#redactor.redact(bytes);
    return masked === bytes ? bytes : Buffer.from(masked);
  }

  /** A real error, which loggers know by its nature and not by its class. */
  #emptyError(error: Error): Error {
    const copy = new Error(this.text(error.message));
    Object.setPrototypeOf(copy, Object.getPrototypeOf(error));
    Object.defineProperty(copy, "stack", {
      value: typeof error.stack === "string" ? this.text(error.stack) : undefined,
      configurable: true,
      writable: true,
    });
    return copy;
  }
}

function fillArray(from: readonly unknown[], to: unknown[], copier: Copier): void {
  to.length = from.length;
  // Holes stay holes.
  for (const index of from.keys()) if (index in from) to[index] = copier.copyOf(from[index]);
}

function fillMap(from: Iterable<readonly [unknown, unknown]>, to: Map<unknown, unknown>, copier: Copier): void {
  for (const [key, value] of from) to.set(copier.copyOf(key), copier.field(key, value));
}

function fillSet(from: ReadonlySet<unknown>, to: Set<unknown>, copier: Copier): void {
  for (const value of from) to.add(copier.copyOf(value));
}

function fillError(from: Error, to: Error, copier: Copier): void {
  // Not enumerable, and yet printed.
  for (const key of ["cause", "errors"]) {
    if (Object.hasOwn(from, key)) define(to, key, copier.field(key, valueOf(from, key)), false);
  }
  fillProperties(from, to, copier);
}

function fillProperties(from: object, to: object, copier: Copier): void {
  for (const key of ownKeys(from)) {
    const value = copier.field(key, valueOf(from, key), from);
    define(to, typeof key === "string" ? copier.text(key) : key, value, true);
  }
}

function define(object: object, key: PropertyKey, value: unknown, enumerable: boolean): void {
  Object.defineProperty(object, key, { value, enumerable, configurable: true, writable: true });
}

/** Enumerable ones. A proxy may refuse to tell. */
function ownKeys(object: object): readonly PropertyKey[] {
  try {
    return Reflect.ownKeys(object).filter((key) => Object.prototype.propertyIsEnumerable.call(object, key));
  } catch {
    return [];
  }
}

function valueOf(object: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return unreadable;
  }
}

function isSecretObject(value: unknown): value is Secret {
  try {
    return value instanceof Secret;
  } catch {
    // A proxy that was revoked.
    return false;
  }
}

/** What a log would make of an object that says so itself. */
function asJson(value: object): unknown {
  const toJson: unknown = Reflect.get(value, "toJSON");
  return typeof toJson === "function" ? Reflect.apply(toJson, value, [""]) : value;
}

/** `{ name: "DB_PASSWORD", value: … }`, as environment variables and headers are often listed. */
function describedName(object: object): string | undefined {
  return ["name", "key"].map((key) => valueOf(object, key)).find((name) => typeof name === "string");
}

/** `Headers` and `URLSearchParams`, which hold nothing in properties. By their tags: asking for the classes loads them. */
function isPairs(value: object): value is Iterable<readonly [string, string]> {
  return (
    /^\[object (?:Headers|URLSearchParams)\]$/.test(Object.prototype.toString.call(value)) && Symbol.iterator in value
  );
}
