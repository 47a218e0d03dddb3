import { quote, InvalidInputError } from "../errors.js";
import type { Secret } from "../domain/secret.js";
import { MaskedForms } from "./masked-forms.js";
import { Masking } from "./masking.js";
import { maskStream } from "./stream.js";
import { maskText } from "./text.js";

/** A value to be masked, and what is said in its place. Text is taken as UTF-8. */
export interface RedactedValue {
  readonly name: string;
  readonly value: string | Uint8Array;
}

/** One stream's state. Synchronous: what is not held back is returned at once. */
export interface RedactedStream {
  /**
   * Takes a chunk of any size.
   *
   * @returns what can be said by now: all of it but an end that may be the beginning of a value. May be the chunk itself
   *   (then nothing in it was masked), so that it is to be written before the chunk's memory is used again
   */
  readonly write: (chunk: Uint8Array) => Uint8Array;
  /** @returns what was held back. The stream may be used again for another text */
  readonly end: () => Uint8Array;
}

/** Masks values in what is printed: each occurrence of any form of a value becomes `[secret NAME]`. */
export interface Redactor {
  /** Adds a value. Open streams mask it from their next chunk on. A name may have several values. */
  readonly add: (secret: Secret | RedactedValue) => void;
  /** A copy with every value masked; the same text or bytes when there is none. */
  readonly redact: { (text: string): string; (bytes: Uint8Array): Uint8Array };
  /** The names of values that are not masked, being shorter than four characters (bytes, when they are no text). */
  readonly unmasked: readonly string[];
  /** Begins a stream. */
  readonly open: () => RedactedStream;
  /** A stream of its own for each call, for `pipeThrough`. */
  readonly stream: () => TransformStream<Uint8Array, Uint8Array>;
}

/**
 * Makes a redactor. Every byte of a stream that belongs to an occurrence of a value is masked, however the stream is cut
 * into chunks; occurrences that overlap become one `[secret NAME]`, with the name of the longest. Nothing else is changed,
 * and nothing is held back but an end that may be the beginning of a value. Forms: see {@link formsOf}.
 *
 * @throws InvalidInputError for a value that is neither text nor bytes, or has no name
 */
export function createRedactor(secrets: Iterable<Secret | RedactedValue> = []): Redactor {
  const forms = new MaskedForms();
  const unmasked = new Set<string>();
  const add = (secret: Secret | RedactedValue): void => {
    const { name, bytes } = valueOf(secret);
    if (!forms.add(name, bytes)) unmasked.add(name);
  };
  const open = (): RedactedStream => {
    const masking = new Masking(forms);
    return { write: (chunk) => masking.write(requireBytes(chunk)), end: () => masking.end() };
  };
  function redact(text: string): string;
  function redact(bytes: Uint8Array): Uint8Array;
  function redact(input: string | Uint8Array): string | Uint8Array {
    return typeof input === "string" ? maskText(forms, input) : new Masking(forms).whole(requireBytes(input));
  }
  for (const secret of secrets) add(secret);
  return {
    add,
    redact,
    open,
    stream: () => maskStream(open()),
    get unmasked() {
      return [...unmasked];
    },
  };
}

function valueOf(secret: Secret | RedactedValue): { readonly name: string; readonly bytes: Uint8Array } {
  const name: unknown = secret?.name;
  if (typeof name !== "string" || name === "") throw new InvalidInputError("a value to be masked has no name");
  if (!("value" in secret)) return { name, bytes: secret.bytes() };
  const { value } = secret;
  if (typeof value === "string") return { name, bytes: Buffer.from(value) };
  if (value instanceof Uint8Array) return { name, bytes: value };
  throw new InvalidInputError(`the value of ${quote(name)} is neither text nor bytes`);
}

function requireBytes(chunk: Uint8Array): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new InvalidInputError("a redactor takes text or bytes", { hint: "a stream takes bytes only" });
}
