import { IntegrityError, InvalidInputError, quote } from "../errors.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * One key of an entry's value: `1` is the first line. Any other key is looked for in the lines `key: value` after the
 * first line, as gopass does (exactly this spelling; several lines with the key are joined by newlines), then in the
 * YAML document after a line `---`. A YAML scalar is given as it is spelt there: `0123` stays `0123`.
 *
 * @param entry - for messages
 * @returns `undefined` when there is no such key
 * @throws InvalidInputError when the value is binary, or the key holds a list or a map
 * @throws IntegrityError when the part after `---` is not YAML, or names the key twice
 */
export async function lookUpKey(value: Uint8Array, key: string, entry: string): Promise<Uint8Array | undefined> {
  if (key === "1") {
    const end = value.indexOf(0x0a);
    return end < 0 ? value : value.subarray(0, end);
  }
  const found = await lookUpInText(decode(value, entry), key, entry);
  return found === undefined ? undefined : new TextEncoder().encode(found);
}

async function lookUpInText(text: string, key: string, entry: string): Promise<string | undefined> {
  const lines = text.split("\n");
  const divider = lines.indexOf("---");
  const pairs = lines.slice(1, divider < 0 ? undefined : Math.max(divider, 1));
  const values = pairs.flatMap((line) => {
    const at = line.indexOf(": ");
    return at >= 0 && line.slice(0, at).trim() === key ? [line.slice(at + 2)] : [];
  });
  if (values.length > 0) return values.join("\n");
  return divider < 0 ? undefined : lookUpInYaml(lines.slice(divider + 1).join("\n"), key, entry);
}

async function lookUpInYaml(text: string, key: string, entry: string): Promise<string | undefined> {
  const { isAlias, isMap, isScalar, parseDocument } = await import("yaml");
  // The library's own check of unique keys is quadratic, and its messages quote the document.
  const document = parseDocument(text, { uniqueKeys: false, logLevel: "silent" });
  if (document.errors.length > 0) {
    throw new IntegrityError(`the part of ${quote(entry)} after the line \`---\` is not valid YAML`, {
      hint: "correct it with `gopass edit`",
    });
  }
  if (!isMap(document.contents)) return undefined;
  const matches = document.contents.items.filter(({ key: node }) => isScalar(node) && spelling(node) === key);
  if (matches.length > 1) throw new IntegrityError(`${quote(entry)} has the key ${quote(key)} twice`);
  const [match] = matches;
  if (match === undefined) return undefined;
  const node = isAlias(match.value) ? match.value.resolve(document) : match.value;
  if (node === null) return "";
  if (isScalar(node)) return spelling(node);
  throw new InvalidInputError(`the key ${quote(key)} of ${quote(entry)} holds a list or a map, not one value`);
}

function spelling(node: { readonly value: unknown; readonly source?: string }): string {
  return typeof node.value === "string" ? node.value : (node.source ?? "");
}

function decode(value: Uint8Array, entry: string): string {
  try {
    return utf8.decode(value);
  } catch {
    throw new InvalidInputError(`the value of ${quote(entry)} is binary, so it has no keys`, {
      hint: "leave out `#` and the key to get the whole value",
    });
  }
}
