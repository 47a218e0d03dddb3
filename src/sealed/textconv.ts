import { parseSealed } from "./format.js";

/**
 * A store as text for `git diff`: what changed, never a value or a ciphertext. Checks the form only, so that it also
 * shows a file that nobody may trust.
 *
 * @throws IntegrityError naming the line when the bytes are not a sealed store
 */
export function textconv(bytes: Buffer): string {
  const { contents, signature } = parseSealed(bytes);
  const { storeId, generation, writers, compartments, recipients, secrets } = contents;
  const lines = [
    `store ${storeId}`,
    `generation ${generation}`,
    ...writers.map(({ action, name, key, by }) => `writer ${action} ${name} ${key} by ${by}`),
    ...compartments.map(({ policy, epoch }) => `compartment ${policy} key ${epoch}`),
    ...recipients.map(({ policy, name, recipient }) => `recipient ${policy} ${name} ${recipient}`),
    ...secrets.map(
      ({ path, policy, version, type, updated }) => `secret ${path} ${policy} ${version} ${type} ${updated}`,
    ),
    `signed by ${signature.key}`,
  ];
  return `${lines.join("\n")}\n`;
}
