import { IntegrityError } from "../errors.js";
import type { SopsScalar } from "./document.js";
import { textOrBytes } from "./text-or-bytes.js";

/** How the text of one type is read. `undefined`: it is not the text of such a value. */
type Reader = (text: string) => SopsScalar | undefined;

const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;
const numeric = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const named: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, infinity: Infinity };
const timestamp =
  /^([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$/;

const readers: Readonly<Record<string, Reader>> = {
  int: (text) => {
    if (!/^[+-]?[0-9]{1,64}$/.test(text)) return undefined;
    const value = BigInt(text.replace(/^\+/, ""));
    return value >= smallest && value <= largest ? { type: "int", value } : undefined;
  },
  float: (text) => {
    const unsigned = text.replace(/^[+-]/, "").toLowerCase();
    const word = Object.hasOwn(named, unsigned) ? named[unsigned] : undefined;
    if (word !== undefined) return { type: "float", value: text.startsWith("-") ? -word : word };
    const value = numeric.test(text) ? Number(text) : NaN;
    return Number.isFinite(value) ? { type: "float", value } : undefined;
  },
  bool: (text) => {
    if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return { type: "bool", value: true };
    return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? { type: "bool", value: false } : undefined;
  },
  time: (text) => {
    const [, start, fraction = "", zone = ""] = timestamp.exec(text) ?? [];
    if (start === undefined || fraction.length > 10) return undefined;
    const decimals = fraction.replace(/\.?0+$/, "");
    return { type: "time", value: `${start}${decimals}${/^[+-]00:00$/.test(zone) ? "Z" : zone}` };
  },
};

/**
 * The value that decrypted bytes stand for; the opposite of `scalarBytes`.
 *
 * @param type - as it stands in `ENC[…,type:…]`
 * @throws IntegrityError when they are not the text of such a value; it does not hold them
 */
export function scalarOfBytes(type: string, bytes: Buffer): SopsScalar {
  if (type === "bytes") return { type: "bytes", value: bytes };
  if (type === "str") return textOrBytes(bytes);
  const scalar = Object.hasOwn(readers, type) ? readers[type]?.(bytes.toString("latin1")) : undefined;
  if (scalar === undefined) throw new IntegrityError(`what was decrypted is not of the type it says`);
  return scalar;
}
