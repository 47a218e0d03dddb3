import { Buffer } from "node:buffer";

const newline = 0x0a;

/**
 * Gopass's own form for binary data (`gopass cat`, `gopass fscopy`): an empty first line, header lines of which one
 * says Base64, then one line of Base64. Written in lower or in mixed case, depending on the version.
 */
const binaryForm =
  /^\n(?:[A-Za-z-]+: [^\n]*\n)*?content-transfer-encoding: base64\n(?:[A-Za-z-]+: [^\n]*\n)*([A-Za-z0-9+/]*={0,2})\n*$/i;
const headerLimit = 512;

/**
 * The value of an entry.
 *
 * @param shown - what `gopass show --noparsing` printed: the whole body, which gopass always ends by a newline
 * @returns the body less its last newline; of an entry in gopass's binary form, the decoded bytes
 */
export function valueOfBody(shown: Uint8Array): Uint8Array {
  return decodeBinaryForm(shown) ?? (shown.at(-1) === newline ? shown.subarray(0, -1) : shown);
}

/** The bytes held in gopass's binary form, or `undefined` when the body has another form. */
export function decodeBinaryForm(body: Uint8Array): Uint8Array | undefined {
  if (body[0] !== newline) return undefined;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1");
  if (!/content-transfer-encoding: base64\n/i.test(text.slice(0, headerLimit))) return undefined;
  const encoded = binaryForm.exec(text)?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64");
  return decoded.toString("base64") === encoded ? decoded : undefined;
}

/**
 * The body to store for a value, so that {@link valueOfBody} gives it back: the value and a newline. Only a value that
 * would be taken for gopass's binary form is put into that form.
 */
export function bodyOfValue(value: Uint8Array): Uint8Array {
  const body = Buffer.concat([value, Buffer.of(newline)]);
  if (decodeBinaryForm(body) === undefined) return body;
  const header = '\nContent-Disposition: attachment; filename="STDIN"\nContent-Transfer-Encoding: Base64\n';
  return Buffer.from(`${header}${Buffer.from(value).toString("base64")}\n`, "latin1");
}
