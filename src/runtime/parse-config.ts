import { parseConfigData } from "../domain/config.js";
import type { SecretsConfig } from "../domain/config.js";
import { refField } from "../domain/config-refs.js";
import { formatPath, formatProblem } from "../domain/problem.js";
import { inside, rootPlace } from "../domain/reader.js";
import { ConfigurationError } from "../errors.js";
import type { Problem } from "../errors.js";
import { writeEntry } from "./cache-write.js";
import { checkedEntry, checkedName } from "./checked-cache.js";
import { cacheName, readCached, writeCached } from "./config-cache.js";
import { interpolate } from "./interpolate.js";
import type { LoadedConfig, LoadOptions } from "./load-config.js";
import { applyProfile, emptyMap, isDataMap, overlay } from "./merge.js";
import type { Data } from "./merge.js";
import { splitRefs, wholeData } from "./parsed-file.js";
import type { ParsedFile } from "./parsed-file.js";
import type { ParsedYaml } from "./parse-yaml.js";
import type { ConfigFile } from "./read-config.js";
import { StoredRefs } from "./stored-refs.js";
import type { RefLines } from "./stored-refs.js";

/** A file as it was read, with the name it has in problems. */
export interface ShownFile extends ConfigFile {
  readonly shown: string;
}

/**
 * Parses the files, lays them and the profile over each other, puts the variables in and checks everything. What no
 * variable can change is kept for the next time.
 *
 * @param cache - the cache directory; `undefined` for none
 * @throws ConfigurationError with every problem, each with its file and line
 */
export async function parseConfig(
  files: readonly ShownFile[],
  options: LoadOptions,
  cache: string | undefined,
): Promise<LoadedConfig> {
  const { checkedBy, environment, profile } = options;
  const cached = files.map((file) => (cache === undefined ? undefined : readCached(cache, cacheName(file.bytes))));
  const parsed: ParsedFile[] = [];
  for (const [index, file] of files.entries()) parsed.push(cached[index] ?? (await parseOne(file)));

  const { data, problem, refs } = merge(parsed, profile);
  const hasVariables = parsed.some((each) => each.hasVariables);
  const kinds = typeof options.kinds === "function" ? await options.kinds() : options.kinds;
  const filled = hasVariables ? interpolate(data, environment, kinds) : { data, problems: [] };
  const { config, problems } = parseConfigData(filled.data, kinds);
  // Where a variable is missing, what is wrong with the string without it says nothing more.
  const unfilled = new Set(filled.problems.map((unset) => formatPath(unset.path)));
  const others = problems.filter((other) => !unfilled.has(formatPath(other.path)));
  const all = [...(problem === undefined ? [] : [problem]), ...filled.problems, ...others];
  const isWhole = checkedBy !== undefined && !hasVariables && all.length === 0;
  if (cache !== undefined && !isWhole) {
    for (const [index, file] of files.entries()) {
      const entry = parsed[index];
      if (cached[index] === undefined && entry !== undefined) writeCached(cache, cacheName(file.bytes), entry);
    }
  }
  if (all.length > 0) throw await located(all, files, profile);
  const whole = refs === undefined ? config : { ...config, refs: storedRefs(refs, config) };
  if (cache !== undefined && isWhole) {
    const inputs = { checkedBy, profile, files };
    writeEntry(cache, checkedName(inputs), checkedEntry(inputs, whole));
  }
  return {
    config: whole,
    files: files.map(({ file }) => file),
    isCached: cached.every((entry) => entry !== undefined),
  };
}

/** The refs were checked when their file was parsed; what was laid over it added names and took none away. */
function storedRefs(refs: RefLines, config: Pick<SecretsConfig, "stores" | "policies">): StoredRefs {
  const field = refField({ stores: new Set(config.stores.keys()), policies: new Set(config.policies.keys()) });
  return new StoredRefs(refs, (name, data) => field.read(data, inside(rootPlace([]), name)));
}

/** Lays the files and the profile over each other; the refs stay apart when only the main file has any. */
function merge(
  [main, ...others]: readonly ParsedFile[],
  profile: string | undefined,
): { readonly data: Data; readonly problem?: Problem; readonly refs: RefLines | undefined } {
  const overlays = others.map((file) => wholeData(file) ?? emptyMap());
  const lay = (base: Data): ReturnType<typeof applyProfile> => applyProfile(overlays.reduce(overlay, base), profile);
  const apart = lay(main?.data ?? null);
  if (main?.refs === undefined) return { ...apart, refs: undefined };
  if (isDataMap(apart.data) && "refs" in apart.data) return { ...lay(wholeData(main)), refs: undefined };
  return { ...apart, data: overlay(apart.data, { refs: {} }), refs: main.refs };
}

async function parseOne(file: ShownFile): Promise<ParsedFile> {
  const { data, problems } = await parse(file);
  if (problems.length > 0) throw faulty(problems);
  return splitRefs(data);
}

/** Parses the files again, now for the lines: the cache keeps none, and a faulty file is not the common case. */
async function located(
  problems: readonly Problem[],
  files: readonly ShownFile[],
  profile: string | undefined,
): Promise<ConfigurationError> {
  const documents = await Promise.all(files.map(async (file) => ({ file: file.shown, parsed: await parse(file) })));
  const withLines = problems.map((problem) => {
    const prefixes = profile === undefined ? [[]] : [["profiles", profile], []];
    const places = prefixes.flatMap((prefix) =>
      documents.toReversed().map(({ file, parsed }) => {
        const { depth, line } = parsed.locate([...prefix, ...problem.path]);
        return { file, line, depth: depth - prefix.length };
      }),
    );
    const best = places.reduce((deepest, place) => (place.depth > deepest.depth ? place : deepest));
    return { ...problem, file: best.file, line: best.line };
  });
  return faulty(withLines);
}

async function parse(file: ShownFile): Promise<ParsedYaml> {
  const { parseYaml } = await import("./parse-yaml.js");
  return parseYaml(file.bytes, file.shown);
}

function faulty(problems: readonly Problem[]): ConfigurationError {
  const [first] = problems;
  const more = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
  return new ConfigurationError(
    first === undefined ? "faulty configuration" : `${formatProblem(first)}${more}`,
    problems,
  );
}
