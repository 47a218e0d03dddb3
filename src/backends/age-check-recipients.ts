import type { AgeFile } from "../age/decrypt.js";
import type { AgeIdentity } from "../age/identities.js";
import { hybridType, x25519Type } from "../age/stanza-types.js";
import type { NearestRecipients } from "../age/tree-recipients.js";
import { quote } from "../errors.js";
import type { Finding } from "./contract.js";
import type { RecipientList } from "./recipient-drift.js";

const typeOfKind = { x25519: x25519Type, hybrid: hybridType } as const;

/** An entry whose file was looked into. */
interface LookedInto {
  /** Of its file. */
  readonly name: string;
  readonly file: AgeFile;
  /** Whether one of the identities opens it. */
  readonly isReadable: boolean;
  readonly identities: readonly AgeIdentity[];
}

/**
 * Whether a file was encrypted before its recipients were changed. A file does not tell who its recipients are, so that
 * only this can be seen: how many there are, of which kind, and whether one's own key is among them.
 */
export async function staleRecipients(
  { name, file, isReadable, identities }: LookedInto,
  { file: recipientsFile, recipients }: NearestRecipients,
): Promise<readonly Finding[]> {
  const { stanzas } = file.header;
  const differs = (how: string): readonly Finding[] => [
    {
      severity: "problem",
      message: `stale: ${quote(name)} ${how}`,
      hint: `it was not encrypted again after ${quote(recipientsFile)} was changed: read it and write it again with \`mxm-secrets set\``,
    },
  ];
  const named = recipients.texts.length;
  if (stanzas.length !== named) {
    const count = `${stanzas.length} ${stanzas.length === 1 ? "recipient" : "recipients"}`;
    return differs(`is encrypted to ${count}, and ${named === 1 ? "1 is" : `${named} are`} named`);
  }
  if (stanzas.some(({ type }) => type !== typeOfKind[recipients.kind])) {
    return differs("is encrypted to another kind of recipients than those named");
  }
  const own = await Promise.all(identities.map(async ({ recipient }) => recipient()));
  const isNamed = own.some((recipient) => recipient !== undefined && recipients.texts.includes(recipient));
  if (isReadable && !isNamed) return differs("can be decrypted by this key, which is not named any more");
  return !isReadable && isNamed ? differs("cannot be decrypted by this key, which is named") : [];
}

/** A recipients file, to be compared with the keyholders by their age recipients. */
export function listedIn({ file, recipients }: NearestRecipients): RecipientList {
  return {
    place: quote(file),
    recipients: recipients.texts.map((text) => ({ name: shortened(text), isKeyOf: ({ age }) => age === text })),
    hasKey: ({ age }) => age !== undefined,
    hints: {
      add: "add its age recipient there and encrypt the entries again, or take it out of the configuration",
      remove: "remove it there and encrypt the entries again, or name it as a keyholder that may",
    },
  };
}

/** Post-quantum recipients have two thousand characters. */
function shortened(recipient: string): string {
  return recipient.length <= 70 ? recipient : `${recipient.slice(0, 20)}…${recipient.slice(-10)}`;
}
