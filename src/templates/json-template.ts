import { placer, piecesOf } from "./grammar.js";
import { walkJson } from "./json-strings.js";
import { faultyTemplate, filled, filledSource, keyWarning, slotOf, slotTemplate, spliced } from "./slots.js";
import type { Slot } from "./slots.js";
import type { Template, TemplateRemark } from "./template.js";

/**
 * A JSON text (RFC 8259) in whose string values references are replaced. Everything else stays byte for byte: numbers of
 * any length, keys that are there twice, white space, escapes.
 */
export function openJson(text: string): Template {
  const slots: Slot[] = [];
  const warnings: TemplateRemark[] = [];
  const placeOf = placer(text);
  const fault = walkJson(text, ({ start, end, isKey, path, value }) => {
    // Most strings need no decoding.
    if (!/\{|\\u/.test(text.slice(start, end))) return;
    if (isKey) {
      if (piecesOf(value()).length > 0) warnings.push(keyWarning(placeOf(start).line, path()));
      return;
    }
    const source = { start, end, innerStart: start + 1, innerEnd: end - 1, path: path(), value: value() };
    const slot = slotOf(text, source, placeOf);
    if (slot !== undefined) slots.push(slot);
  });
  if (fault !== undefined) return faultyTemplate([{ message: fault.message, ...placer(text)(fault.at) }]);
  return slotTemplate(slots, warnings, (valueOf) =>
    spliced(text, slots, (slot) =>
      slot.sourcePieces === undefined
        ? JSON.stringify(filled(slot, valueOf))
        : filledSource(text, slot, slot.sourcePieces, (use) => JSON.stringify(valueOf(use)).slice(1, -1)),
    ),
  );
}
