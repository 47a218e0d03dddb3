/*
 * The part of a base64 text (RFC 4648, sections 4 and 5) that depends on a value alone, wherever the value begins within
 * what was encoded. Three bytes are four characters, so that there are three alignments.
 */

/**
 * The character behind the part a value determines whole: its upper bits are the value's last ones. It belongs to the
 * value's encoding when it agrees with them.
 */
export interface Base64Edge {
  /** The value's last bits, as the upper bits of the character. */
  readonly known: number;
  /** How many lower bits belong to what follows the value: 2 or 4. */
  readonly free: number;
}

export interface Base64Form {
  readonly text: string;
  /** Absent where the value ends with a whole character. */
  readonly edge?: Base64Edge;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** What a byte stands for in either alphabet, or 255. */
const sextets = new Uint8Array(256).fill(255);
for (let index = 0; index < 64; index++) sextets[alphabet.charCodeAt(index)] = index;
sextets["-".charCodeAt(0)] = 62;
sextets["_".charCodeAt(0)] = 63;
const padding = "=".charCodeAt(0);

/** The forms of one value in both alphabets. Those of the URL alphabet are left out where they are the same. */
export function base64Forms(value: Uint8Array): readonly Base64Form[] {
  const { length } = value;
  // The value three times, each a byte further from a boundary, so that one call encodes all.
  const stretch = Math.ceil((length + 2) / 3) * 3;
  const shifted = Buffer.alloc(3 * stretch);
  for (let shift = 0; shift < 3; shift++) shifted.set(value, shift * (stretch + 1));
  const encoded = shifted.toString("base64");
  const forms: Base64Form[] = [];
  for (let shift = 0; shift < 3; shift++) {
    const bits = (shift + length) * 8;
    const begin = (shift * stretch * 4) / 3;
    const text = encoded.slice(begin + Math.ceil((shift * 8) / 6), begin + Math.floor(bits / 6));
    const free = (6 - (bits % 6)) % 6;
    const edge = free === 0 ? undefined : { known: (value[length - 1] ?? 0) & ((1 << (6 - free)) - 1), free };
    for (const whole of shift === 0 ? wrapped(text) : [text]) {
      forms.push(edge === undefined ? { text: whole } : { text: whole, edge });
      if (!whole.includes("+") && !whole.includes("/")) continue;
      const url = whole.replaceAll("+", "-").replaceAll("/", "_");
      forms.push(edge === undefined ? { text: url } : { text: url, edge });
    }
  }
  return forms;
}

/** Programs break long lines: `openssl` and PEM after 64 characters, `base64` after 76, MIME with a carriage return. */
const lineWidths = [
  [64, "\n"],
  [76, "\n"],
  [76, "\r\n"],
] as const;

/** The text, and in lines as programs write them when it is longer than one. */
function wrapped(text: string): readonly string[] {
  if (text.length <= lineWidths[0][0]) return [text];
  const broken = lineWidths
    .filter(([width]) => text.length > width)
    .map(([width, end]) => text.replace(new RegExp(`.{${width}}(?=.)`, "g"), `$&${end}`));
  return [text, ...broken];
}

/**
 * Where a form ends in a text, with the edge character that agrees and the padding behind it.
 *
 * @param end - where the part that the value determines whole ends
 * @returns the end; when bytes that are not here yet may move it, its complement `~end`, which is negative
 */
export function endWithEdge(bytes: Uint8Array, end: number, { known, free }: Base64Edge): number {
  if (end >= bytes.byteLength) return ~end;
  const sextet = sextets[bytes[end] ?? 0] ?? 255;
  if (sextet === 255 || sextet >> free !== known) return end;
  // Padding follows only where nothing of another byte is in the character: two of it, or one.
  let last = end + 1;
  if ((sextet & ((1 << free) - 1)) !== 0) return last;
  for (let pads = free / 2; pads > 0; pads--) {
    if (last >= bytes.byteLength) return ~last;
    if (bytes[last] !== padding) break;
    last++;
  }
  return last;
}
