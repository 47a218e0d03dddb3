import { largestExitCode, parseExitCodes, programOutcomes } from "./exit-codes.js";
import type { ExitCodes } from "./exit-codes.js";
import type { Field } from "./fields.js";
import { entriesOf, inside, note } from "./reader.js";

const code = { type: "integer", minimum: 1, maximum: largestExitCode };
const codesOfOutcome = { anyOf: [code, { type: "array", items: code, minItems: 1 }] };

/** What the exit codes of a foreign program mean, each given once. */
export const exitCodes: Field<ExitCodes> = {
  schema: {
    type: "object",
    properties: Object.fromEntries(programOutcomes.map((outcome) => [outcome, codesOfOutcome])),
    additionalProperties: false,
  },
  read: (value, place) => {
    const entries = entriesOf(value, place);
    if (entries === undefined) return undefined;
    const parsed = parseExitCodes(Object.fromEntries(entries));
    if ("codes" in parsed) return parsed.codes;
    for (const { path, message, suggestion } of parsed.problems) note(path.reduce(inside, place), message, suggestion);
    return undefined;
  },
};
