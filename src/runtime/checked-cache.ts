import type { SecretsConfig } from "../domain/config.js";
import type { SecretRef } from "../domain/ref.js";
import type { SecretPolicy } from "../domain/policy.js";
import type { SecretStore } from "../domain/store.js";
import { indexOfByte } from "../files/bytes.js";
import { readEntry } from "./cache-files.js";
import type { ConfigFile } from "./read-config.js";
import { encodeRefs, StoredRefs } from "./stored-refs.js";

/** Part of every entry: raise it when its form changes. */
const format = 1;
const lineFeed = 10;

/** All that a configuration without variables depends on. */
export interface CheckedInputs {
  /** The build of the program that checked it: what one has checked, another believes not. */
  readonly checkedBy: string;
  readonly profile: string | undefined;
  /** The main file first. */
  readonly files: readonly ConfigFile[];
}

/** A configuration but for its refs, with lists in the place of maps, as JSON can say it. */
interface StoredHead extends Omit<SecretsConfig, "stores" | "refs" | "policies"> {
  readonly stores: readonly SecretStore[];
  readonly policies: readonly SecretPolicy[];
}

/**
 * The configuration that was made of exactly these inputs, checked: the entry holds them byte for byte, so that nothing
 * is hashed, parsed or checked again. Anything doubtful counts as not there.
 */
export function readChecked(directory: string, inputs: CheckedInputs): SecretsConfig | undefined {
  const entry = readEntry(directory, checkedName(inputs));
  if (entry === undefined) return undefined;
  let start = 0;
  for (const part of partsOf(inputs)) {
    if (!entry.subarray(start, start + part.length).equals(part)) return undefined;
    start += part.length;
  }
  // What follows is there twice: comparing finds a damaged entry without loading a library for checksums.
  const middle = start + (entry.length - start) / 2;
  if (!Number.isInteger(middle)) return undefined;
  const body = entry.subarray(start, middle);
  const headEnd = indexOfByte(body, lineFeed);
  if (headEnd === -1 || !body.equals(entry.subarray(middle))) return undefined;
  const head: StoredHead = JSON.parse(body.toString("utf8", 0, headEnd));
  return {
    ...head,
    stores: byName(head.stores),
    policies: byName(head.policies),
    refs: new StoredRefs(body.subarray(headEnd + 1), freezeRef),
  };
}

/** What {@link readChecked} reads, in parts. @param config - without any variable put in */
export function checkedEntry(inputs: CheckedInputs, config: SecretsConfig): readonly Uint8Array[] {
  const { refs, stores, policies, ...others } = config;
  const head = { ...others, stores: [...stores.values()], policies: [...policies.values()] } satisfies StoredHead;
  const body = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), encodeRefs(Object.fromEntries(refs))]);
  return [...partsOf(inputs), body, body];
}

/** One entry for each build, file and profile: the next state of the file takes the place of the last. */
export function checkedName({ checkedBy, files, profile = "" }: CheckedInputs): string {
  let hash = 0x811c9dc5;
  // FNV-1a. Two files of one hash would take turns; which it is, the entry says.
  const text = `${checkedBy}\n${files[0]?.file ?? ""}\n${profile}`;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return `config-checked-${(hash >>> 0).toString(16).padStart(8, "0")}`;
}

function partsOf({ checkedBy, profile, files }: CheckedInputs): readonly Buffer[] {
  const shape = [format, checkedBy, profile ?? null, ...files.map(({ file, bytes }) => [file, bytes.length])];
  return [Buffer.from(`${JSON.stringify(shape)}\n`), ...files.map(({ bytes }) => bytes)];
}

function byName<T extends { readonly name: string }>(entries: readonly T[]): ReadonlyMap<string, T> {
  return new Map(entries.map((entry) => [entry.name, Object.freeze(entry)]));
}

function freezeRef(_name: string, ref: unknown): SecretRef {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was a SecretRef when this program stored it
  return Object.freeze(ref as SecretRef);
}
