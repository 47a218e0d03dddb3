import * as path from "node:path";
import { parseConfigData } from "../domain/config.js";
import type { SecretsConfig } from "../domain/config.js";
import { formatPath, formatProblem } from "../domain/problem.js";
import type { OptionTable } from "../domain/store.js";
import { ConfigurationError, quote } from "../errors.js";
import type { Problem } from "../errors.js";
import { cacheName, readCached, writeCached } from "./config-cache.js";
import { cacheDirectory } from "./directories.js";
import type { Environment } from "./directories.js";
import type { ConfigLocation } from "./find-config.js";
import { interpolate } from "./interpolate.js";
import { applyProfile, emptyMap, isDataMap, overlay } from "./merge.js";
import type { Data } from "./merge.js";
import { splitRefs, wholeData } from "./parsed-file.js";
import type { ParsedFile } from "./parsed-file.js";
import type { ParsedYaml } from "./parse-yaml.js";
import { localFileOf, readConfigFile } from "./read-config.js";
import type { ConfigFile } from "./read-config.js";
import { StoredRefs } from "./stored-refs.js";
import type { RefLines } from "./stored-refs.js";

/** A configuration read from its files, checked. */
export interface LoadedConfig {
  readonly config: SecretsConfig;
  /** The files read, the main one first. Absolute. */
  readonly files: readonly string[];
  /** Whether all of it came from the cache. */
  readonly isCached: boolean;
}

export interface LoadOptions {
  readonly environment: Environment;
  /** The kinds of store there are, each with its options. */
  readonly kinds: ReadonlyMap<string, OptionTable>;
  readonly profile?: string | undefined;
  /** Files below it are named relative to it in problems. */
  readonly workingDirectory?: string | undefined;
}

/**
 * Reads a configuration: the file, `….local.yaml` beside it laid over, then the profile, then the variables put in, then
 * everything checked.
 *
 * @throws ConfigurationError with every problem, each with its file and line
 */
export async function loadConfig(location: ConfigLocation, options: LoadOptions): Promise<LoadedConfig> {
  const show = (file: string): string => shownPath(file, options.workingDirectory);
  const main = readConfigFile(location);
  if (main === undefined) {
    throw new ConfigurationError(`no configuration file ${quote(show(location.file))}`, [], {
      hint: location.source === "MXM_SECRETS_CONFIG" ? "check MXM_SECRETS_CONFIG" : "`mxm-secrets init` makes one",
    });
  }
  // Nobody named this one, so it must not be a stranger's, even beside a file that was named.
  const local = readConfigFile({ file: localFileOf(location.file), source: "found", owner: main.owner });
  const files = (local === undefined ? [main] : [main, local]).map(({ file, bytes, owner }) => ({
    file,
    bytes,
    owner,
    shown: show(file),
  }));
  const parsed: ParsedFile[] = [];
  const cache = cacheFor(options.environment);
  const cached = files.map((file) => (cache === undefined ? undefined : readCached(cache, cacheName(file.bytes))));
  for (const [index, file] of files.entries()) parsed.push(cached[index] ?? (await parseAndKeep(file, cache)));

  const { data, problem, refs } = merge(parsed, options.profile);
  const filled = parsed.some(({ hasVariables }) => hasVariables)
    ? interpolate(data, options.environment)
    : { data, problems: [] };
  const { config, problems } = parseConfigData(filled.data, options.kinds);
  // Where a variable is missing, what is wrong with the string without it says nothing more.
  const unfilled = new Set(filled.problems.map((unset) => formatPath(unset.path)));
  const others = problems.filter((other) => !unfilled.has(formatPath(other.path)));
  const all = [...(problem === undefined ? [] : [problem]), ...filled.problems, ...others];
  if (all.length > 0) throw await located(all, files, options.profile);
  const known = { stores: new Set(config.stores.keys()), policies: new Set(config.policies.keys()) };
  return {
    config: refs === undefined ? config : { ...config, refs: new StoredRefs(refs, known) },
    files: files.map(({ file }) => file),
    isCached: cached.every((entry) => entry !== undefined),
  };
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

interface ShownFile extends ConfigFile {
  readonly shown: string;
}

async function parseAndKeep(file: ShownFile, cache: string | undefined): Promise<ParsedFile> {
  const { data, problems } = await parse(file);
  if (problems.length > 0) throw faulty(problems);
  const entry = splitRefs(data);
  if (cache !== undefined) writeCached(cache, cacheName(file.bytes), entry);
  return entry;
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

function shownPath(file: string, workingDirectory: string | undefined): string {
  const relative = workingDirectory === undefined ? file : path.relative(workingDirectory, file);
  return relative.startsWith("..") ? file : relative;
}

function cacheFor(environment: Environment): string | undefined {
  const off = environment["MXM_SECRETS_NO_CACHE"];
  return off === undefined || off === "" || off === "0" ? cacheDirectory(environment) : undefined;
}
