import type { Secret } from "../../domain/secret.js";
import type { RedactedStream, Redactor } from "../../redaction/redactor.js";

/** Opens the mask of one more stream. */
export type OpenMask = () => Promise<RedactedStream>;

/**
 * Masks for what a program prints, each stream with a state of its own. They are made when the first is opened, so that a
 * program which prints nothing costs nothing.
 *
 * @param warn - told once which values are too short to be masked
 */
export function masksFor(secrets: readonly Secret[], warn: (line: string) => void): OpenMask {
  let redactor: Promise<Redactor> | undefined;
  return async () => {
    redactor ??= makeRedactor(secrets, warn);
    return (await redactor).open();
  };
}

async function makeRedactor(secrets: readonly Secret[], warn: (line: string) => void): Promise<Redactor> {
  const { createRedactor } = await import("../../redaction/redactor.js");
  const present = secrets.filter((secret) => secret.bytes().length > 0);
  const redactor = createRedactor(present);
  const { unmasked } = redactor;
  if (unmasked.length > 0) {
    const [short, is] = unmasked.length === 1 ? ["value", "is"] : ["values", "are"];
    warn(`the ${short} of ${unmasked.join(", ")} ${is} shorter than 4 characters and not masked in the output`);
  }
  return redactor;
}
