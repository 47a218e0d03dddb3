import { markerOf } from "./clusters.js";
import type { MaskedForms } from "./masked-forms.js";

/**
 * Masks a text. What is found in its UTF-8 bytes is cut out of the text itself, so that lone surrogates, which UTF-8
 * cannot hold, stay as they are. A character of which a binary value covers some bytes is masked whole.
 */
export function maskText(forms: MaskedForms, text: string): string {
  const bytes = Buffer.from(text);
  const { clusters } = forms.clustersIn(bytes, true);
  if (clusters.length === 0) return text;
  const cursor = bytes.byteLength === text.length ? asciiCursor : makeCursor(text);
  let masked = "";
  let written = 0;
  for (const { start, end, name } of clusters) {
    masked += text.slice(written, cursor(start, false)) + markerOf(name);
    written = cursor(end, true);
  }
  return masked + text.slice(written);
}

/** The place in a text of a place in its UTF-8 bytes; places must not go back. */
type Cursor = (byte: number, roundUp: boolean) => number;

const asciiCursor: Cursor = (byte) => byte;

function makeCursor(text: string): Cursor {
  let index = 0;
  let bytes = 0;
  return (byte, roundUp) => {
    while (bytes < byte) {
      const code = text.codePointAt(index) ?? 0;
      const size = bytesOf(code);
      if (bytes + size > byte && !roundUp) break;
      bytes += size;
      index += code > 0xffff ? 2 : 1;
    }
    return index;
  };
}

/** A lone surrogate becomes U+FFFD, which has as many bytes as the surrogate itself would have. */
function bytesOf(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code > 0xffff ? 4 : 3;
}
