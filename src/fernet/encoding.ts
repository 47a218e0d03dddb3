/** URL-safe base64 with padding (RFC 4648 section 5). */
export function encodeBase64Url(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}
