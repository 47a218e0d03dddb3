import type * as Yaml from "yaml";
import type { Document, Pair } from "yaml";

type Library = typeof Yaml;

/** A scalar that is a value, with its place in the outline. */
export interface OutlinedScalar {
  readonly scalar: Yaml.Scalar;
  readonly index: number;
  readonly path: readonly (string | number)[];
}

/** A stream of documents as a list: equal lists are equal data, with anchors, aliases and tags. */
export interface Outline {
  readonly signs: readonly string[];
  readonly values: readonly OutlinedScalar[];
  readonly keys: readonly OutlinedScalar[];
}

/** The sign of a string in an outline. */
export function signOfString(value: string): string {
  return `=${value}`;
}

/** Walks over documents in the order of their text. Aliases are named, not followed. */
export function outlineOf(yaml: Library, documents: readonly Document[]): Outline {
  const signs: string[] = [];
  const values: OutlinedScalar[] = [];
  const keys: OutlinedScalar[] = [];

  const walk = (node: unknown, path: OutlinedScalar["path"], isKey: boolean): void => {
    if (yaml.isAlias(node)) signs.push(`*${node.source}`);
    if (!yaml.isScalar(node) && !yaml.isCollection(node)) return;
    signs.push(`&${node.anchor ?? ""} !${node.tag ?? ""}`);
    if (yaml.isScalar(node)) {
      (isKey ? keys : values).push({ scalar: node, index: signs.length, path });
      signs.push(signOfString(String(node.value)));
      return;
    }
    signs.push(yaml.isMap(node) ? "{" : "[");
    for (const [index, item] of node.items.entries()) {
      if (yaml.isPair(item)) walkPair(item, path, isKey);
      else walk(item, [...path, index], isKey);
    }
    signs.push("]");
  };

  const walkPair = ({ key, value }: Pair, path: OutlinedScalar["path"], isKey: boolean): void => {
    const name = yaml.isScalar(key) ? String(key.value) : "?";
    walk(key, [...path, name], true);
    signs.push(":");
    walk(value, [...path, name], isKey);
  };

  for (const document of documents) {
    signs.push("---");
    walk(document.contents, [], false);
  }
  return { signs, values, keys };
}
