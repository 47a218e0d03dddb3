import type { Metadata, MetadataValue, SopsChanges } from "./document.js";
import type { KeyGroup, SopsMetadata } from "./metadata.js";

/** The version of SOPS whose form of the file is written. */
const writtenVersion = "3.13.2";

/**
 * The `sops` part of a new file, as SOPS 3.13 writes it. Cloud keys cannot be written, as this program cannot encrypt to
 * them.
 */
export function fieldsOfMetadata(metadata: SopsMetadata): NonNullable<SopsChanges["metadata"]> {
  const { groups, selector, mac, lastModified } = metadata;
  const keys: readonly (readonly [string, MetadataValue])[] =
    groups.length === 1
      ? Object.entries(fieldsOfGroup(groups[0], lastModified))
      : [
          ["key_groups", groups.map((group) => fieldsOfGroup(group, lastModified))],
          ["shamir_threshold", metadata.threshold],
        ];
  return new Map<string, MetadataValue>([
    ...keys,
    ["lastmodified", lastModified],
    ...(mac === undefined ? [] : [["mac", mac] as const]),
    ...(metadata.macOnlyEncrypted ? [["mac_only_encrypted", true] as const] : []),
    [selector.name, selector.text],
    ["version", writtenVersion],
  ]);
}

function fieldsOfGroup(group: KeyGroup, created: string): Metadata {
  const age = group.flatMap((key) => (key.kind === "age" ? [{ enc: key.encrypted, recipient: key.recipient }] : []));
  const pgp = group.flatMap((key) =>
    key.kind === "pgp" ? [{ created_at: created, enc: key.encrypted, fp: key.fingerprint }] : [],
  );
  return { ...(age.length === 0 ? {} : { age }), ...(pgp.length === 0 ? {} : { pgp }) };
}
