import { attempt } from "./attempt.js";
import type { Finding, Presence, StoreReport } from "./contract.js";
import type { Keyholder } from "../domain/keyholder.js";
import { quote } from "../errors.js";
import { isRecipient } from "../sealed/compartments.js";
import type { NamedRecipient } from "../sealed/compartments.js";
import { parseSealed } from "../sealed/format.js";
import type { Identity } from "../sealed/identity.js";
import { inFile, openStore } from "../sealed/open.js";
import type { StorePlace } from "../sealed/pins.js";
import { replayWriters } from "../sealed/writers.js";
import type { SealedContents, SealedHead } from "../sealed/records.js";

/** What a store is compared with. */
interface CheckExpectations {
  readonly paths: readonly string[];
  /** Path to the policy the configuration gives it. */
  readonly policies: ReadonlyMap<string, string>;
  readonly keyholdersFor: (policy: string) => readonly Keyholder[] | undefined;
  /** All of the configuration. */
  readonly keyholders: readonly Keyholder[] | undefined;
  /** The identities at hand, or `undefined` when there is no usable key. */
  readonly identities: readonly Identity[] | undefined;
}

/**
 * The state of a store without any value: never throws for an unhealthy one.
 *
 * @param identities - loads the key; what it throws becomes a finding
 */
export async function checkStore(
  place: StorePlace,
  identities: () => Promise<readonly Identity[]>,
  expected: Omit<CheckExpectations, "identities">,
): Promise<StoreReport> {
  const key = await attempt(identities);
  const store = await attempt(async () => {
    const { bytes } = await openStore(place);
    return inFile(place.file, () => parseSealed(bytes).contents);
  });
  const faults = [store, key].flatMap((attempted) => ("finding" in attempted ? [attempted.finding] : []));
  if ("finding" in store) {
    return { findings: faults, presence: new Map(expected.paths.map((path) => [path, "unknown"])) };
  }
  const found = "value" in key ? key.value : undefined;
  const report = checkContents(store.value, { ...expected, identities: found });
  return { ...report, findings: [...faults, ...report.findings] };
}

/** What differs between a store and its configuration, and which paths are there. Decrypts nothing. */
function checkContents(contents: SealedContents, expected: CheckExpectations): StoreReport {
  const records = new Map(contents.secrets.map((record) => [record.path, record]));
  const readable = new Set(
    contents.compartments
      .map((compartment) => compartment.policy)
      .filter((policy) => expected.identities !== undefined && isRecipient(contents, policy, expected.identities)),
  );
  const findings: Finding[] = [];
  const presence = new Map<string, Presence>();
  for (const path of expected.paths) {
    const record = records.get(path);
    presence.set(path, record === undefined ? "absent" : readable.has(record.policy) ? "present" : "unreadable");
    const policy = expected.policies.get(path);
    if (record !== undefined && policy !== undefined && record.policy !== policy)
      findings.push(misfiled(path, record.policy, policy));
  }
  const isWriter = writerTest(contents, expected);
  for (const { policy } of contents.compartments) {
    findings.push(...recipientDrift(contents, policy, isWriter, expected.keyholdersFor(policy)));
    findings.push(...mixedRecipients(contents, policy));
  }
  return { findings, presence };
}

function misfiled(path: string, found: string, policy: string): Finding {
  return {
    severity: "problem",
    message: `${quote(path)} lies in compartment ${quote(found)}, its policy is ${quote(policy)}`,
    hint: "write it again with `mxm-secrets set` to move it to the compartment of its policy",
  };
}

/** `age` itself refuses to make such a file; here each recipient has one of its own, so that nothing else would say it. */
function mixedRecipients({ recipients }: SealedHead, policy: string): readonly Finding[] {
  const own = recipients.filter((line) => line.policy === policy);
  const resistant = own.filter((line) => line.recipient.startsWith("age1pq1"));
  if (resistant.length === 0 || resistant.length === own.length) return [];
  const classic = own.filter((line) => !resistant.includes(line)).map((line) => quote(line.name));
  return [
    {
      severity: "warning",
      message: `compartment ${quote(policy)} mixes post-quantum and classic recipients: it is only as strong as the classic ones`,
      hint: `replace the keys of ${classic.join(", ")} by ones made with \`mxm-secrets keys init --post-quantum\``,
    },
  ];
}

/**
 * Tells recipients that are writers from others. The file has only the signing keys of writers, so a recipient is known to
 * be one when its private key is at hand, or when the configuration gives a writer of that name exactly that recipient:
 * a name by itself is whatever somebody called a key.
 */
function writerTest(
  contents: SealedContents,
  { identities, keyholders }: Pick<CheckExpectations, "identities" | "keyholders">,
): (line: NamedRecipient) => boolean {
  const writers = replayWriters(contents, contents.writers.length);
  const names = new Set(writers.values());
  const own = (identities ?? []).filter((identity) => writers.has(identity.writerKey().publicKey));
  return ({ name, recipient }) =>
    own.some((identity) => identity.recipient === recipient) ||
    (names.has(name) && keyholders?.some(({ age, write }) => write && age === recipient) === true);
}

/** Keyholders are compared by their age recipients; one without an age key cannot be given anything here. */
function recipientDrift(
  head: SealedHead,
  policy: string,
  isWriter: (line: NamedRecipient) => boolean,
  keyholders: readonly Keyholder[] | undefined,
): readonly Finding[] {
  if (keyholders === undefined) return [];
  const actual = new Map(
    head.recipients.filter((line) => line.policy === policy).map((line) => [line.recipient, line.name]),
  );
  const findings: Finding[] = [];
  for (const { name, age } of keyholders) {
    if (age === undefined || actual.delete(age)) continue;
    findings.push({
      severity: "problem",
      message: `under-shared: keyholder ${quote(name)} may read compartment ${quote(policy)} and has no key for it`,
      hint: `let it in with \`mxm-secrets keys add ${name}\`, or take it out of the configuration`,
    });
  }
  for (const [recipient, name] of actual) {
    const writes = isWriter({ name, recipient });
    findings.push({
      // Whoever writes a value needs the key of its compartment, so a writer there is no fault by itself.
      severity: writes ? "warning" : "problem",
      message: `over-shared: ${quote(name)} can decrypt compartment ${quote(policy)}, which no policy lets it read`,
      hint: writes
        ? `a writer needs the key to set values; if ${quote(name)} sets none there, run \`mxm-secrets keys rm\` for it`
        : `run \`mxm-secrets keys rm\` for ${quote(name)}, or name it as a keyholder that may`,
    });
  }
  return findings;
}
