/**
 * An age file is malformed or was altered. `message` says how, to stand after `it is damaged:`; it never holds text from the
 * file. Nothing outside of `age/` sees it: {@link decryptAge} turns it into an outcome.
 */
export class AgeFormatError extends Error {
  override readonly name = "AgeFormatError";
}
