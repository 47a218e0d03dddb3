import { InvalidInputError, quote } from "../errors.js";
import { escapes, quoteFinder } from "./escape.js";
import type { Escape, EscapeName } from "./escape.js";
import { piecesOf, replacePieces } from "./grammar.js";
import { usesOf } from "./template.js";
import type { Template, TemplateRemark, TemplateUse } from "./template.js";

/** Any text. Values are put in as they are, or by an escape; nothing else changes. */
export function openText(text: string, escapeName?: EscapeName): Template {
  const pieces = piecesOf(text);
  const { uses, faults } = usesOf(pieces);
  const escape: Escape | undefined = escapeName === undefined ? undefined : escapes[escapeName];
  const quoteAt = quoteFinder(text);
  const misplaced = uses.flatMap((use) => misplacement(use, quoteAt(use.start), escapeName, escape) ?? []);
  return {
    uses,
    faults: [...faults, ...misplaced],
    warnings: [],
    valueFault: (value) => escape?.fault(value),
    render: (valueOf) =>
      replacePieces(text, pieces, (reference) => {
        const value = valueOf(reference);
        const fault = escape?.fault(value);
        if (fault === undefined) return escape === undefined ? value : escape.write(value);
        throw new InvalidInputError(`the value of ${quote(reference.name)} has ${fault}`);
      }),
  };
}

/** In quotes of the template, an escape that writes its own would undo both, and a shell would run what is in the value. */
function misplacement(
  { line, column }: TemplateUse,
  around: string | undefined,
  name: EscapeName | undefined,
  escape: Escape | undefined,
): TemplateRemark | undefined {
  if (escape === undefined || escape.place === "anywhere") return undefined;
  if (escape.place === "outside") {
    if (around === undefined) return undefined;
    return {
      message: `stands in quotes, and \`--escape ${name}\` writes its own: leave the template's out`,
      line,
      column,
    };
  }
  if (around === '"') return undefined;
  return {
    message: `stands outside of double quotes, which \`--escape ${name}\` leaves to the template`,
    line,
    column,
  };
}
