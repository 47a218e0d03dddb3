import type { Keyholder } from "../domain/keyholder.js";
import { quote } from "../errors.js";
import { keyName } from "../sops/metadata.js";
import type { MasterKey, SopsMetadata } from "../sops/metadata.js";
import type { Finding } from "./contract.js";

/**
 * Whom a file is encrypted for against whom a policy lets read it. Keyholders are compared by their age recipient and
 * their GPG fingerprint. Of a file with several key groups nothing is said: none of its keys opens it alone.
 */
export function fileDrift(
  { groups }: SopsMetadata,
  file: string,
  policy: string,
  keyholders: readonly Keyholder[],
): readonly Finding[] {
  const [keys, ...others] = groups;
  if (others.length > 0) return [];
  const missing = keyholders.filter((each) => hasKey(each) && !keys.some((key) => isOf(key, each)));
  const unknown = keys.filter((key) => !keyholders.some((each) => isOf(key, each)));
  return [
    ...missing.map(({ name }): Finding => {
      return {
        severity: "problem",
        message: `under-shared: keyholder ${quote(name)} may read what policy ${quote(policy)} protects, and ${quote(file)} is not encrypted for its key`,
        hint: "add its key to `.sops.yaml` and run `sops updatekeys`, or take it out of the configuration",
      };
    }),
    ...unknown.map((key): Finding => {
      return {
        severity: "problem",
        message: `over-shared: ${quote(file)} is encrypted for ${quote(keyName(key))}, which no policy lets read what ${quote(policy)} protects`,
        hint: "take it out of `.sops.yaml`, run `sops updatekeys` and `sops rotate`, or name it as a keyholder that may",
      };
    }),
  ];
}

function hasKey({ age, gpg }: Keyholder): boolean {
  return age !== undefined || gpg !== undefined;
}

function isOf(key: MasterKey, { age, gpg }: Keyholder): boolean {
  if (key.kind === "age") return key.recipient === age;
  return key.kind === "pgp" && key.fingerprint.toUpperCase() === gpg?.toUpperCase();
}
