const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** Bech32 (BIP-173) without its limit of 90 characters, as age uses it. @param prefix - in lower case */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const words = regroup(bytes, 8, 5, true) ?? [];
  const checksum = polymod([...expandPrefix(prefix), ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  const tail = [25, 20, 15, 10, 5, 0].map((shift) => (checksum >>> shift) & 31);
  return `${prefix}1${[...words, ...tail].map((word) => alphabet[word]).join("")}`;
}

/**
 * The reverse of {@link encodeBech32}, for text in lower or in upper case.
 *
 * @returns the prefix in lower case and the bytes, or `undefined` for anything that is not exactly Bech32
 */
export function decodeBech32(text: string): { readonly prefix: string; readonly bytes: Buffer } | undefined {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return undefined;
  const separator = lower.lastIndexOf("1");
  if (separator < 1 || lower.length - separator < 7) return undefined;
  const prefix = lower.slice(0, separator);
  const codes = codesOf(prefix);
  if (codes.some((code) => code < 0x21 || code > 0x7e)) return undefined;
  const words = lower
    .slice(separator + 1)
    .split("")
    .map((character) => alphabet.indexOf(character));
  if (words.includes(-1) || polymod([...expandPrefix(prefix), ...words]) !== 1) return undefined;
  const bytes = regroup(words.slice(0, -6), 5, 8, false);
  if (bytes === undefined) return undefined;
  const decoded = Buffer.alloc(bytes.length);
  decoded.set(bytes);
  return { prefix, bytes: decoded };
}

function codesOf(text: string): number[] {
  return text.split("").map((character) => character.charCodeAt(0));
}

function expandPrefix(prefix: string): number[] {
  const codes = codesOf(prefix);
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
}

function polymod(words: readonly number[]): number {
  let checksum = 1;
  // By index, and without an inner loop: this runs in a cold process, which interprets every step.
  for (let index = 0; index < words.length; index++) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ (words[index] ?? 0);
    checksum ^= (top & 1 && 0x3b6a57b2) ^ (top & 2 && 0x26508e6d) ^ (top & 4 && 0x1ea119fa);
    checksum ^= (top & 8 && 0x3d4233dd) ^ (top & 16 && 0x2a1462b3);
  }
  return checksum >>> 0;
}

/** Regroups bits. @returns `undefined` when bits are left over that padding may not have */
function regroup(values: ArrayLike<number>, from: number, to: number, pad: boolean): number[] | undefined {
  const groups: number[] = [];
  let held = 0;
  let bits = 0;
  for (let index = 0; index < values.length; index++) {
    held = (held << from) | (values[index] ?? 0);
    for (bits += from; bits >= to;) {
      bits -= to;
      groups.push((held >>> bits) & ((1 << to) - 1));
    }
    held &= (1 << bits) - 1;
  }
  if (pad && bits > 0) groups.push((held << (to - bits)) & ((1 << to) - 1));
  return pad || (bits < from && held === 0) ? groups : undefined;
}
