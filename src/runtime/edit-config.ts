import { statSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { formatProblem } from "../domain/problem.js";
import { ConfigurationError, InvalidInputError, quote } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { removeLeftovers } from "../files/leftovers.js";
import { withLock } from "../files/lock.js";
import { emptyMap, isDataMap } from "./merge.js";
import type { Data, DataMap } from "./merge.js";
import { parseYaml } from "./parse-yaml.js";
import { readConfigFile } from "./read-config.js";
import { openSection } from "./yaml-edit.js";
import type { SectionEditor } from "./yaml-edit.js";
import type { Writable } from "./yaml-scalar.js";

/** What a new ref says. `path` is left out when it is the name. */
export interface NewRef {
  readonly store: string;
  readonly path?: string | undefined;
  readonly policy: string;
}

/** What a keyholder says; at least one of `age` and `gpg`. */
export interface NewKeyholder {
  readonly age?: string | undefined;
  readonly gpg?: string | undefined;
  readonly principals: readonly string[];
  readonly write?: boolean | undefined;
}

type Section = "refs" | "keyholders";

/**
 * Adds a ref to a configuration file. This and the other functions here change only what they name: comments, order and
 * every other byte stay, and the result is read again and compared before it replaces the file, under a lock, with the
 * mode of the old one.
 *
 * @throws InvalidInputError when there is one already
 * @throws ConfigurationError when the file is no YAML, or is written in a way that cannot be edited safely
 */
export async function addRef(file: string, name: string, ref: NewRef): Promise<void> {
  const fields = defined({ store: ref.store, path: ref.path === name ? undefined : ref.path, policy: ref.policy });
  await editEntry(file, "refs", (editor, entries) => {
    if (editor.has(name)) throw new InvalidInputError(`the ref ${quote(name)} exists already`);
    entries[name] = toData(fields);
    return editor.add(name, fields);
  });
}

/**
 * Adds several refs in one change. One that is there and says the same is left as it is: another process, or this one
 * before it was stopped, wrote it.
 *
 * @throws InvalidInputError when one is there and says something else
 */
export async function addRefs(file: string, refs: readonly (NewRef & { readonly name: string })[]): Promise<void> {
  await editEntry(file, "refs", async (_, entries, text) => {
    let changed = text;
    for (const { name, store, path, policy } of refs) {
      const fields = defined({ store, path: path === name ? undefined : path, policy });
      const present = entries[name];
      if (present !== undefined) {
        if (isDataMap(present) && isDeepStrictEqual(placeOf(name, present), placeOf(name, toData(fields)))) continue;
        throw new InvalidInputError(`the ref ${quote(name)} exists already`);
      }
      entries[name] = toData(fields);
      changed = (await openSection(changed, "refs")).add(name, fields);
    }
    return changed;
  });
}

/**
 * Lets refs name another store, under the path they had.
 *
 * @throws InvalidInputError when there is no such ref
 */
export async function moveRefs(file: string, names: readonly string[], store: string): Promise<void> {
  await editEntry(file, "refs", async (_, entries, text) => {
    let changed = text;
    for (const name of names) {
      const ref = entries[name];
      if (!isDataMap(ref)) {
        throw new InvalidInputError(`there is no ref ${quote(name)} in ${quote(file)}`, {
          hint: "if it stands in a local override or a profile, change its store there",
        });
      }
      entries[name] = Object.assign(emptyMap(), ref, toData({ store }));
      changed = (await openSection(changed, "refs")).setField(name, "store", store);
    }
    return changed;
  });
}

/** Removes a ref and the comment lines directly above it. @returns `false` when there was none */
export async function removeRef(file: string, name: string): Promise<boolean> {
  return removeEntry(file, "refs", name);
}

/**
 * Gives a ref another name, in its place, with its comments. Its path in the store stays what it was: when it was the
 * name, it is written out, unless `path` is `"follow"`.
 *
 * @throws InvalidInputError when there is no such ref or the new name is taken
 */
export async function renameRef(
  file: string,
  from: string,
  to: string,
  options: { readonly path?: "keep" | "follow" } = {},
): Promise<void> {
  await editEntry(file, "refs", async (editor, entries) => {
    if (!editor.has(from)) throw new InvalidInputError(`there is no ref ${quote(from)}`);
    if (editor.has(to)) throw new InvalidInputError(`the ref ${quote(to)} exists already`);
    const ref = entries[from] ?? null;
    delete entries[from];
    entries[to] = ref;
    if (options.path === "follow" || editor.hasField(from, "path")) return editor.rename(from, to);
    entries[to] = isDataMap(ref) ? Object.assign(emptyMap(), ref, { path: from }) : ref;
    const withPath = await openSection(editor.addField(from, "path", from), "refs");
    return withPath.rename(from, to);
  });
}

/** Adds a keyholder or replaces what is said of one. */
export async function setKeyholder(file: string, name: string, keyholder: NewKeyholder): Promise<void> {
  const { age, gpg, principals, write } = keyholder;
  const fields = defined({ age, gpg, principals, write });
  await editEntry(file, "keyholders", (editor, entries) => {
    entries[name] = toData(fields);
    return editor.has(name) ? editor.replace(name, fields) : editor.add(name, fields);
  });
}

/** Removes a keyholder and the comment lines directly above it. @returns `false` when there was none */
export async function removeKeyholder(file: string, name: string): Promise<boolean> {
  return removeEntry(file, "keyholders", name);
}

async function removeEntry(file: string, section: Section, name: string): Promise<boolean> {
  let isThere = false;
  await editEntry(file, section, (editor, entries, text) => {
    isThere = editor.has(name);
    if (!isThere) return text;
    delete entries[name];
    return editor.remove(name);
  });
  return isThere;
}

/** Changes one section. `change` makes the same change to the text and to the data; the two must agree. */
async function editEntry(
  file: string,
  section: Section,
  change: (editor: SectionEditor, entries: Record<string, Data>, text: string) => string | Promise<string>,
): Promise<void> {
  await withLock(file, async () => {
    const read = readConfigFile({ file, source: "--config" });
    if (read === undefined) throw new ConfigurationError(`no configuration file ${quote(file)}`);
    const before = await parseYaml(read.bytes, file);
    const [problem] = before.problems;
    if (problem !== undefined) throw new ConfigurationError(formatProblem(problem), before.problems);
    const data = isDataMap(before.data) ? before.data : emptyMap();
    const entries = Object.assign(emptyMap(), isDataMap(data[section]) ? data[section] : {});
    const text = read.bytes.toString("utf8");
    const changed = await changedText(file, section, async () =>
      change(await openSection(text, section), entries, text),
    );
    if (changed === text) return;
    const after = await parseYaml(Buffer.from(changed), file);
    const expected = Object.assign(emptyMap(), data, { [section]: entries });
    if (after.problems.length > 0 || !isDeepStrictEqual(after.data, expected)) throw notEditable(file, section);
    removeLeftovers(file);
    writeFileAtomically(file, changed, { mode: statSync(file).mode & 0o777 });
  });
}

async function changedText(file: string, section: Section, change: () => Promise<string>): Promise<string> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof RangeError) throw notEditable(file, section, error);
    throw error;
  }
}

function notEditable(file: string, section: Section, cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    `cannot change ${quote(section)} in ${quote(file)} without changing something else`,
    [],
    {
      hint: "edit it by hand, or write that section with one entry to a line",
      cause,
    },
  );
}

function defined(fields: Readonly<Record<string, Writable | undefined>>): Record<string, Writable> {
  const entries = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return Object.fromEntries(entries);
}

/** The fields as they will be read back, before variables are put in. */
function toData(fields: Readonly<Record<string, Writable>>): DataMap {
  const map = emptyMap();
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === "boolean") map[key] = value;
    else map[key] = typeof value === "string" ? literal(value) : value.map(literal);
  }
  return map;
}

/** Where a ref lies and under which policy, whatever else it says. */
function placeOf(name: string, ref: DataMap): readonly unknown[] {
  return [ref["store"], ref["path"] ?? name, ref["policy"]];
}

function literal(text: string): string {
  return text.replaceAll("${", () => "$${");
}
