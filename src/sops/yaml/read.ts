import { isUtf8 } from "node:buffer";
import type * as Yaml from "yaml";
import { parseError, positionFinder } from "../parse-error.js";
import { syntaxMessage } from "../../domain/yaml-messages.js";
import { scanComments } from "./comments.js";
import { composeNodes } from "./compose.js";
import { YamlFault } from "./fault.js";
import type { YamlDocument } from "./node.js";
import { splitYaml } from "./parts.js";
import { tokenize } from "./tokens.js";

/** A YAML text taken apart, with what is needed to say where its parts are. */
export interface YamlText {
  readonly text: string;
  readonly documents: readonly YamlDocument[];
  readonly lineOf: (offset: number) => number;
  readonly columnOf: (offset: number) => number;
}

/**
 * Reads YAML into nodes that know their places. What is wrong in it as YAML is for the `yaml` library to find; what
 * belongs to what, where SOPS goes its own way, for ours.
 *
 * @throws IntegrityError, located
 */
export function readYaml(yaml: typeof Yaml, bytes: Uint8Array, file: string): YamlText {
  if (!isUtf8(bytes)) throw parseError(file, 1, "expected valid UTF-8");
  const text = Buffer.from(bytes).toString("utf8");
  const { lineOf, columnOf } = positionFinder(text);
  const fault = (offset: number, message: string): Error => parseError(file, lineOf(offset), message);
  // To go-yaml these end a line, to the library they are part of it.
  const separator = /\r(?!\n)|[\u0085\u2028\u2029]/.exec(text)?.index;
  if (separator !== undefined) {
    throw fault(separator, "expected no line break but LF and CR LF (write others as escapes in double quotes)");
  }
  try {
    const parts = splitYaml(yaml, text);
    const tokens = tokenize(parts, text.length);
    checkSyntax(yaml, parts, text.length, fault);
    const runs = scanComments(text, tokens, lineOf, columnOf);
    return { text, documents: composeNodes(tokens, runs), lineOf, columnOf };
  } catch (error) {
    throw error instanceof YamlFault ? fault(error.offset, error.message) : error;
  }
}

function checkSyntax(
  yaml: typeof Yaml,
  parts: readonly Yaml.CST.Token[],
  length: number,
  fault: (offset: number, message: string) => Error,
): void {
  // Types and duplicate keys are ours to find: the library's check of keys takes time in the square of their number.
  const composer = new yaml.Composer({ schema: "failsafe", uniqueKeys: false, resolveKnownTags: false });
  for (const document of composer.compose(parts, true, length)) {
    const [error] = document.errors;
    if (error !== undefined) throw fault(error.pos[0], syntaxMessage(error.code));
    const { explicit, version } = document.directives.yaml;
    if (explicit === true && version !== "1.1") throw fault(document.range[0], "expected no `%YAML` but 1.1");
  }
}
