import type * as Yaml from "yaml";
import { syntaxMessage } from "../../domain/yaml-messages.js";
import type { SopsScalar } from "../document.js";
import { parseError } from "../parse-error.js";
import { maximumDepth } from "../tree.js";
import type { CommentNode, EntryNode, ListNode, MapNode, ScalarNode, TreeNode } from "../tree.js";
import type { CommentLine } from "./comments.js";
import type { YamlNode } from "./node.js";
import type { YamlText } from "./read.js";
import { resolveScalar } from "./resolve.js";

/** Values that aliases may add to a file; past this they are taken for an attack. */
const maximumExpansion = 10_000;

/** Where a part of the tree stands in the file. */
export interface YamlPlace {
  readonly node: YamlNode;
  /** The map or list that it is a value of, and which one. `undefined` for the root. */
  readonly parent: YamlNode | undefined;
  readonly index: number;
}

export interface YamlTree {
  readonly roots: readonly MapNode[];
  readonly places: ReadonlyMap<TreeNode, YamlPlace>;
  readonly comments: ReadonlyMap<CommentNode, NonNullable<CommentLine>>;
  /** Nodes and comments that stand for more than one part of the tree, because of an alias. */
  readonly isShared: (origin: YamlNode | NonNullable<CommentLine>) => boolean;
}

/**
 * Lays out nodes as SOPS does (`appendYamlNodeToTreeBranch` of stores/yaml/store.go): comments become items of the map or
 * list they are in, aliases are replaced by what they stand for.
 *
 * @throws IntegrityError, located
 */
export function layOut(yaml: typeof Yaml, { text, documents, lineOf }: YamlText, file: string): YamlTree {
  const fault = (node: YamlNode, message: string): Error => parseError(file, lineOf(node.start), message);
  const targets = resolveAliases(
    documents.map(({ root }) => root),
    text,
    fault,
  );
  const places = new Map<TreeNode, YamlPlace>();
  const comments = new Map<CommentNode, NonNullable<CommentLine>>();
  const uses = new Map<unknown, number>();
  const open = new Set<YamlNode>();
  let expanded = 0;
  let copies = 0;

  const note = (items: (CommentNode | TreeNode | EntryNode)[], lines: readonly CommentLine[]): void => {
    for (const line of lines) {
      if (line === undefined) continue;
      const scalar: SopsScalar = { type: "str", value: text.slice(line.start + 1, line.end) };
      const comment: CommentNode = { kind: "comment", scalar, line: lineOf(line.start) };
      comments.set(comment, line);
      uses.set(line, (uses.get(line) ?? 0) + 1);
      items.push(comment);
    }
  };

  const scalarOf = (node: YamlNode): SopsScalar => {
    const { token, tag } = node;
    const read =
      token?.scalar === undefined
        ? ""
        : (yaml.CST.resolveAsScalar(token.scalar, true, (_offset, code) => {
            throw fault(node, syntaxMessage(code));
          })?.value ?? "");
    // The library ends a block with a line break even where the file ends without one.
    const isCut = token?.scalar?.type === "block-scalar" && token.end === text.length && !text.endsWith("\n");
    const value = isCut ? read.replace(/\n$/, "") : read;
    const isPlain = token?.scalar === undefined || token.scalar.type === "scalar";
    const scalar = resolveScalar(value, isPlain, tag === undefined ? undefined : text.slice(tag.start, tag.end));
    if (scalar !== undefined) return scalar;
    throw fault(node, tag === undefined ? "expected an integer of 64 bits" : "a tag does not fit its value");
  };

  const convert = (node: YamlNode, parent: YamlNode | undefined, index: number, isDone: boolean): TreeNode => {
    if (node.kind === "alias") return follow(node, index);
    if (copies > 0 && (expanded += 1) > maximumExpansion) {
      throw fault(node, `expected aliases that stand for at most ${maximumExpansion} values in all`);
    }
    if (open.size > maximumDepth) throw fault(node, `expected at most ${maximumDepth} levels of maps and lists`);
    open.add(node);
    const line = lineOf(node.start);
    const made =
      node.kind === "scalar"
        ? ({ kind: "scalar", scalar: scalarOf(node), line } satisfies ScalarNode)
        : node.kind === "map"
          ? mapOf(node, isDone)
          : listOf(node, isDone);
    open.delete(node);
    places.set(made, { node, parent, index });
    uses.set(node, (uses.get(node) ?? 0) + 1);
    return made;
  };

  const follow = (alias: YamlNode, index: number): TreeNode => {
    const target = targets.get(alias);
    if (target === undefined || open.has(target)) throw fault(alias, "expected no alias inside what it stands for");
    copies += 1;
    uses.set(target, (uses.get(target) ?? 0) + 1);
    const made = convert(target, undefined, index, false);
    copies -= 1;
    return made;
  };

  const listOf = (node: YamlNode, isDone: boolean): ListNode => {
    const items: (CommentNode | TreeNode)[] = [];
    if (!isDone) note(items, node.head);
    if (!isDone) note(items, node.line);
    for (const [index, item] of node.content.entries()) {
      note(items, item.head);
      note(items, item.line);
      items.push(convert(item, node, index, true));
      note(items, item.foot);
    }
    if (!isDone) note(items, node.foot);
    return { kind: "list", items, line: lineOf(node.start) };
  };

  const mapOf = (node: YamlNode, isDone: boolean): MapNode => {
    const items: (CommentNode | EntryNode)[] = [];
    const keys = new Set<string>();
    if (!isDone) note(items, node.head);
    if (!isDone) note(items, node.line);
    for (let index = 0; index < node.content.length; index += 2) {
      const [key, value] = node.content.slice(index, index + 2);
      if (key === undefined || value === undefined) break;
      const isSimple = value.kind === "scalar" || value.kind === "alias";
      note(items, key.head);
      note(items, key.line);
      if (isSimple) note(items, value.head);
      if (isSimple) note(items, value.line);
      const name = keyOf(key);
      if (keys.has(name)) throw fault(key, "a key is here twice");
      keys.add(name);
      const line = lineOf(key.start);
      items.push({ kind: "entry", key: name, value: convert(value, node, index / 2, isSimple), line });
      if (isSimple) note(items, value.foot);
      note(items, key.foot);
    }
    if (!isDone) note(items, node.foot);
    return { kind: "map", items, line: lineOf(node.start) };
  };

  const keyOf = (key: YamlNode): string => {
    const node = key.kind === "alias" ? targets.get(key) : key;
    const scalar = node?.kind === "scalar" ? scalarOf(node) : undefined;
    if (scalar?.type === "str") return scalar.value;
    throw fault(key, "expected a key that is a string (put others in quotes)");
  };

  const roots = documents.map(({ root, head, foot }): MapNode => {
    const items: (CommentNode | EntryNode)[] = [];
    note(items, head);
    let line = lineOf(root.start);
    if (root.kind === "map") {
      const map = mapOf(root, false);
      line = map.line;
      for (const item of map.items) items.push(item);
    } else {
      if (root.kind !== "scalar" || scalarOf(root).type !== "null") {
        throw fault(root, "expected keys and values at the top of a document");
      }
      note(items, root.head);
      note(items, root.line);
    }
    note(items, foot);
    const made: MapNode = { kind: "map", items, line };
    places.set(made, { node: root, parent: undefined, index: 0 });
    return made;
  });
  return { roots, places, comments, isShared: (origin) => (uses.get(origin) ?? 0) > 1 };
}

/** An alias stands for the last node before it with its name, in this document or an earlier one, as in go-yaml. */
function resolveAliases(
  roots: readonly YamlNode[],
  text: string,
  fault: (node: YamlNode, message: string) => Error,
): ReadonlyMap<YamlNode, YamlNode> {
  const anchors = new Map<string, YamlNode>();
  const targets = new Map<YamlNode, YamlNode>();
  const visit = (node: YamlNode): void => {
    if (node.anchor !== undefined) anchors.set(text.slice(node.anchor.start + 1, node.anchor.end), node);
    if (node.kind === "alias") {
      const target = anchors.get(text.slice(node.start + 1, node.end));
      if (target === undefined) throw fault(node, "unknown alias (put a value that begins with `*` in quotes)");
      targets.set(node, target);
    }
    node.content.forEach(visit);
  };
  roots.forEach(visit);
  return targets;
}
