import { parseConfigData } from "../domain/config.js";
import { mentionsVariables } from "./interpolate.js";
import { emptyMap, isDataMap } from "./merge.js";
import type { Data } from "./merge.js";
import { decodeRefs, encodeRefs } from "./stored-refs.js";
import type { RefLines } from "./stored-refs.js";

/** One configuration file after parsing, before variables are put in: it holds no more than the file itself. */
export interface ParsedFile {
  /** Everything, or everything but `refs` when these are in `refs`. */
  readonly data: Data;
  /** Whether any string of `data` mentions `${`, so that the others need not be searched. */
  readonly hasVariables: boolean;
  /** The refs, when they are sound whatever variables, local file and profile say of the rest. */
  readonly refs: RefLines | undefined;
}

/**
 * Sets the refs of a parsed file apart when nothing laid over the rest can make them faulty: they mention no variable,
 * and the stores and policies they name are in the same file (what is laid over adds names and takes none away).
 */
export function splitRefs(data: Data): ParsedFile {
  const { refs, ...rest } = isDataMap(data) ? data : emptyMap();
  const areSound =
    isDataMap(refs) &&
    !mentionsVariables(refs) &&
    parseConfigData(data, new Map()).problems.every((problem) => problem.path[0] !== "refs");
  if (!areSound) return { data, hasVariables: mentionsVariables(data), refs: undefined };
  const others = Object.assign(emptyMap(), rest);
  return { data: others, hasVariables: mentionsVariables(others), refs: encodeRefs(refs) };
}

/** The whole data again. */
export function wholeData({ data, refs }: ParsedFile): Data {
  return refs === undefined || !isDataMap(data) ? data : Object.assign(emptyMap(), data, { refs: decodeRefs(refs) });
}
