import { piecesOf, placer } from "./grammar.js";
import { faultyTemplate, keyWarning, slotOf, slotTemplate } from "./slots.js";
import type { Template, TemplateRemark } from "./template.js";
import { fillYaml, isBlock } from "./yaml-fill.js";
import type { YamlSlot } from "./yaml-fill.js";
import { outlineOf } from "./yaml-outline.js";
import type { OutlinedScalar } from "./yaml-outline.js";
import { parseDocuments, tooDeep } from "./yaml-parse.js";

/**
 * YAML, one document or several, in whose string values references are replaced. Comments, order, anchors, aliases, tags
 * and every scalar without a reference stay character for character. A filled scalar keeps its style where the value can
 * stand in it; a plain one is put in double quotes, so that no value is taken for a number, a comment or a list. The
 * result is parsed again, and compared, before it is given away. The library is loaded by the first call.
 */
export async function openYaml(text: string): Promise<Template> {
  const yaml = await import("yaml");
  const documents = parseDocuments(yaml, text);
  if ("faults" in documents) return faultyTemplate(documents.faults);
  let outline: ReturnType<typeof outlineOf>;
  try {
    outline = outlineOf(yaml, documents);
  } catch (thrown) {
    if (thrown instanceof RangeError) return faultyTemplate([{ message: tooDeep, line: 1 }]);
    throw thrown;
  }
  const placeOf = placer(text);
  const slots = outline.values.flatMap((found) => yamlSlot(text, found, placeOf) ?? []);
  const placeOfKey = placer(text);
  const warnings = outline.keys.flatMap(({ scalar, path }): readonly TemplateRemark[] =>
    piecesOf(String(scalar.value)).length === 0 ? [] : [keyWarning(placeOfKey(scalar.range?.[0] ?? 0).line, path)],
  );
  return slotTemplate(slots, warnings, (valueOf) => fillYaml(yaml, text, { slots, signs: outline.signs }, valueOf));
}

function yamlSlot(
  text: string,
  { scalar, index, path }: OutlinedScalar,
  placeOf: ReturnType<typeof placer>,
): YamlSlot | undefined {
  const [start, end] = scalar.range ?? [0, 0];
  const { type: style } = scalar;
  // The header of a block ends with its line; it may hold a comment.
  const innerStart = isBlock({ style }) ? Math.min(end, text.indexOf("\n", start) + 1 || end) : start;
  const source = { start, end, innerStart, innerEnd: end, path, value: String(scalar.value) };
  const slot = slotOf(text, source, placeOf);
  return slot === undefined ? undefined : { ...slot, style, index };
}
