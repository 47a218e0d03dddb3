import { dirname, join } from "node:path";
import { quote, UnavailableError } from "../errors.js";
import { readWithin } from "../files/within.js";
import { parseRecipientFile } from "./recipients.js";
import type { AgeRecipients } from "./recipients.js";
import { recipientsName } from "./tree-names.js";

/** Thousands of recipients, or some hundred post-quantum ones. */
const maximumBytes = 1024 * 1024;

/** The nearest recipients file of an entry. */
export interface NearestRecipients {
  /** The file, for messages. */
  readonly file: string;
  readonly recipients: AgeRecipients;
}

/**
 * Who a value at this path is encrypted to: the nearest `.age-recipients` upwards, not above the root.
 *
 * @param root - as {@link realRoot} gives it
 * @returns `undefined` when there is none
 * @throws InvalidInputError when it is faulty, naming the lines
 * @throws UnavailableError when it cannot be read
 */
export function nearestRecipients(root: string, path: string): NearestRecipients | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const file = join(folder, recipientsName);
    const bytes = readWithin(root, file, maximumBytes);
    if (bytes !== undefined) {
      const shown = join(root, file);
      return { file: shown, recipients: parseRecipientFile(bytes.toString(), shown) };
    }
    if (folder === ".") return undefined;
  }
}

/** The same, for a writer. @throws UnavailableError `not_initialised` when there is none */
export function requireRecipients(root: string, path: string): NearestRecipients {
  const nearest = nearestRecipients(root, path);
  if (nearest !== undefined) return nearest;
  throw new UnavailableError(`cannot write ${quote(path)}: no \`${recipientsName}\` says who may read it`, {
    reason: "not_initialised",
    hint: `put the public keys of its readers, one a line, into ${quote(join(root, recipientsName))}`,
  });
}
