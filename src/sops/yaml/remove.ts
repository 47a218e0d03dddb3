import type { Splice } from "../splice.js";
import type { YamlNode } from "./node.js";
import { contentEnd, lineAfter, lineStart } from "./text.js";

interface Removal {
  readonly parent: YamlNode;
  /** Which entry of a map or item of a list. */
  readonly index: number;
}

/**
 * Cuts entries of maps and items of lists out of a text, whole lines where they have lines of their own. A map or list
 * that loses everything becomes `{}` or `[]`. Comments above what goes stay, as SOPS leaves them.
 */
export function removalSplices(text: string, removals: readonly Removal[]): readonly Splice[] {
  const byParent = new Map<YamlNode, Set<number>>();
  for (const { parent, index } of removals) {
    const removed = byParent.get(parent) ?? new Set();
    byParent.set(parent, removed.add(index));
  }
  return [...byParent].flatMap(([parent, removed]) => {
    if (removed.size === countOf(parent)) return [emptied(text, parent)];
    return merge(parent.isFlow ? flowCuts(parent, removed) : blockCuts(text, parent, removed));
  });
}

interface Cut {
  readonly start: number;
  readonly end: number;
}

function countOf({ kind, content }: YamlNode): number {
  return kind === "map" ? content.length / 2 : content.length;
}

function emptied(text: string, parent: YamlNode): Splice {
  const last = lastScalar(parent);
  const isBlock = last?.token?.scalar?.type === "block-scalar";
  const end = isBlock && last?.token !== undefined ? contentEnd(text, last.token) : parent.end;
  return { start: parent.start, end, text: parent.kind === "map" ? "{}" : "[]" };
}

function lastScalar(node: YamlNode): YamlNode | undefined {
  const last = node.content.at(-1);
  return last === undefined || last.content.length === 0 ? last : lastScalar(last);
}

function startOf(parent: YamlNode, index: number): number {
  if (parent.kind === "list" && !parent.isFlow) return parent.indicators[index]?.start ?? parent.start;
  const node = parent.content[parent.kind === "map" ? index * 2 : index];
  return Math.min(...[node?.start, node?.anchor?.start, node?.tag?.start].map((start) => start ?? Infinity));
}

function endOf(parent: YamlNode, index: number): number {
  const value = parent.content[parent.kind === "map" ? index * 2 + 1 : index];
  return Math.max(value?.end ?? 0, parent.indicators[index]?.end ?? 0);
}

function blockCuts(text: string, parent: YamlNode, removed: ReadonlySet<number>): readonly Cut[] {
  const cuts: Cut[] = [];
  let isAfterInline = false;
  for (let index = 0; index < countOf(parent); index += 1) {
    const start = startOf(parent, index);
    const line = lineStart(text, start);
    // The first entry of a map in a list stands behind a `-` that has to stay, and so does what moves up to it.
    const isInline: boolean = isAfterInline || !/^[ \t]*(?:\?[ \t]*)?$/.test(text.slice(line, start));
    isAfterInline = isInline && removed.has(index);
    if (!removed.has(index)) continue;
    const after = lineAfter(text, endOf(parent, index));
    cuts.push(
      isInline
        ? { start, end: after + (/^\s*/.exec(text.slice(after))?.[0].length ?? 0) }
        : { start: line, end: after },
    );
  }
  return cuts;
}

function flowCuts(parent: YamlNode, removed: ReadonlySet<number>): readonly Cut[] {
  const count = countOf(parent);
  const kept = Array.from({ length: count }, (_, index) => index).filter((index) => !removed.has(index));
  const lastKept = kept.at(-1) ?? -1;
  return [...removed].map((index) =>
    index < lastKept
      ? { start: startOf(parent, index), end: startOf(parent, index + 1) }
      : { start: endOf(parent, lastKept), end: endOf(parent, index) },
  );
}

function merge(cuts: readonly Cut[]): readonly Splice[] {
  const merged: Cut[] = [];
  for (const cut of cuts.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || cut.start > last.end) merged.push(cut);
    else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, cut.end) };
  }
  return merged.map((cut) => ({ ...cut, text: "" }));
}
