import { InvalidInputError, quote } from "../errors.js";
import type { SopsFormat, SopsScalar } from "./document.js";
import { floatText, scalarBytes } from "./scalar.js";
import { textOrBytes } from "./text-or-bytes.js";

/**
 * What a value is to who asks for it: text as it is, numbers and times in their own spelling, `true` or `false`.
 *
 * @returns `undefined` for null, which is no value
 */
export function valueOfScalar(scalar: SopsScalar): Uint8Array | undefined {
  return scalar.type === "bool" ? Buffer.from(String(scalar.value)) : scalarBytes(scalar);
}

/**
 * What to write for a value. A number or a boolean stays one as long as the new value is spelt as one.
 *
 * @param before - what is there now
 * @throws InvalidInputError when the format holds only text, and this is none
 */
export function scalarOfValue(value: Uint8Array, before: SopsScalar | undefined, format: SopsFormat): SopsScalar {
  const scalar = textOrBytes(value);
  if (scalar.type === "bytes") {
    if (format.name === "binary") return scalar;
    throw new InvalidInputError(`the value is not UTF-8 text, and a ${format.name} file of SOPS holds nothing else`, {
      hint: "store it in Base64, or in a file of its own with `format: binary`",
    });
  }
  return (scalar.type === "str" && before !== undefined && sameKind(scalar.value, before)) || scalar;
}

/** The value in the type of the one it replaces. @returns `undefined` when it is spelt otherwise */
function sameKind(text: string, before: SopsScalar): SopsScalar | undefined {
  if (before.type === "int" && /^(?:0|-?[1-9][0-9]{0,18})$/.test(text)) {
    const value = BigInt(text);
    return BigInt.asIntN(64, value) === value ? { type: "int", value } : undefined;
  }
  if (before.type === "float" && floatText(Number(text)) === text) return { type: "float", value: Number(text) };
  return before.type === "bool" && /^(?:true|false)$/.test(text) ? { type: "bool", value: text === "true" } : undefined;
}

/** Whether two scalars are the same value of the same type. */
export function sameScalar(one: SopsScalar, other: SopsScalar): boolean {
  return one.type === other.type && Buffer.compare(bytesOf(one), bytesOf(other)) === 0;
}

/** A line for whoever replaces a number by text. @returns `undefined` when the type stays */
export function typeChange(before: SopsScalar | undefined, after: SopsScalar, address: string): string | undefined {
  if (before === undefined || before.type === after.type || before.type === "null" || before.type === "bytes")
    return undefined;
  return `${quote(address)} was of the type ${before.type} and is text now`;
}

function bytesOf(scalar: SopsScalar): Uint8Array {
  return scalarBytes(scalar) ?? new Uint8Array();
}
