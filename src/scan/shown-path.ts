import { isUtf8 } from "node:buffer";

/** A path of any bytes for a person: text as it is, bytes that are no UTF-8 as `\xHH`. */
export function shownPath(path: Uint8Array): string {
  const bytes = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  if (isUtf8(bytes)) return bytes.toString("utf8");
  return bytes.toString("latin1").replace(/[\u0080-\u00ff]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16)}`;
  });
}
