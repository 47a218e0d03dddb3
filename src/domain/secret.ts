import { isUtf8 } from "node:buffer";
import { inspect } from "node:util";
import { InvalidInputError, quote } from "../errors.js";

/**
 * An opaque value. It prints, inspects, serialises and interpolates as `[secret NAME]`, and a structured clone of it
 * holds no value. Only {@link Secret.reveal} and {@link Secret.bytes} give the value away.
 */
export class Secret {
  readonly #bytes: Buffer;
  readonly name: string;

  /** @param bytes - the value; copied, so that the caller may overwrite its own */
  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    // Not from the pool that Node's other small buffers share.
    this.#bytes = Buffer.allocUnsafeSlow(bytes.length);
    this.#bytes.set(bytes);
    Object.freeze(this);
  }

  /**
   * The value as text.
   *
   * @throws InvalidInputError when the value is not valid UTF-8; use {@link Secret.bytes} for binary values
   */
  reveal(): string {
    if (isUtf8(this.#bytes)) return this.#bytes.toString();
    throw new InvalidInputError(`the value of ${quote(this.name)} is binary, not UTF-8 text`, {
      hint: "read it as bytes: `(await api.openSecret(…)).bytes()`",
    });
  }

  /** A copy of the value's bytes. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#bytes);
  }

  toString(): string {
    return `[secret ${this.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.toPrimitive](): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }

  get [Symbol.toStringTag](): string {
    return "Secret";
  }
}
