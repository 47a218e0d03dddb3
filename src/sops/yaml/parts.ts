import type * as Yaml from "yaml";
import { maximumDepth } from "../tree.js";
import { YamlFault } from "./fault.js";

/** Words, signs and line breaks of a file, a few for each value; reading more takes many seconds. */
const maximumParts = 500_000;

/**
 * The parts of a YAML text as the library finds them. It has no limits of its own: it takes its time for each line break,
 * and closes what is nested by recursion, until the stack overflows.
 *
 * @throws YamlFault when it is too deep or has too many parts
 */
export function splitYaml(yaml: typeof Yaml, text: string): readonly Yaml.CST.Token[] {
  const parser = new yaml.Parser();
  const tokens: Yaml.CST.Token[] = [];
  let parts = 0;
  for (const part of new yaml.Lexer().lex(text)) {
    for (const token of parser.next(part)) tokens.push(token);
    // On its stack are the document and a scalar too: the levels are counted exactly when the parts are put in a row.
    if (parser.stack.length > 2 * maximumDepth) throw tooDeep(parser.offset);
    if ((parts += 1) > maximumParts) {
      throw new YamlFault(parser.offset, `expected at most ${maximumParts} words, signs and line breaks in all`);
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

export function tooDeep(offset: number): YamlFault {
  return new YamlFault(offset, `expected at most ${maximumDepth} levels of maps and lists`);
}
