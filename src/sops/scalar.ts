import type { SopsScalar } from "./document.js";

/**
 * The bytes of a plain scalar that SOPS encrypts and puts into the MAC (`ToBytes` of sops.go), or `undefined` for null,
 * which it skips. Booleans are `True` and `False`, floats have no exponent.
 */
export function scalarBytes(scalar: SopsScalar): Uint8Array | undefined {
  if (scalar.type === "null") return undefined;
  if (scalar.type === "bytes") return scalar.value;
  if (scalar.type === "bool") return encode(scalar.value ? "True" : "False");
  return encode(scalar.type === "float" ? floatText(scalar.value) : String(scalar.value));
}

/** A float as Go's `strconv.FormatFloat(value, 'f', -1, 64)` writes it: the shortest digits that give it back. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (size === Infinity) return `${sign === "" ? "+" : sign}Inf`;
  const [digits = "", exponent = "0"] = size.toString().split("e");
  const [whole = "", decimals = ""] = digits.split(".");
  const shift = Number(exponent);
  if (shift >= 0) {
    const moved = decimals.slice(0, shift).padEnd(shift, "0");
    const rest = decimals.slice(shift);
    return `${sign}${whole}${moved}${rest === "" ? "" : `.${rest}`}`;
  }
  return `${sign}0.${"0".repeat(-shift - 1)}${whole}${decimals}`;
}

const encoder = new TextEncoder();

function encode(text: string): Uint8Array {
  return encoder.encode(text);
}
