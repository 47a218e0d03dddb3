import type { SopsScalar } from "./document.js";

/** Bytes as text when they are UTF-8. */
export function textOrBytes(bytes: Uint8Array): SopsScalar {
  try {
    return { type: "str", value: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { type: "bytes", value: bytes };
  }
}
