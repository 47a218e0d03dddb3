import { textFault, textOf, variableFault } from "./format.js";
import type { ExportFormat } from "./format.js";

/** Code points that Unicode keeps for no character: systemd takes text with one for no UTF-8 (basic/utf8.c). */
const noCharacter = /\p{Noncharacter_Code_Point}/u;

/**
 * What `EnvironmentFile=` of a unit reads (systemd.exec(5)): between double quotes, newlines stand for themselves, and a
 * backslash before `"`, a backslash, a backtick or `$` makes that character stand for itself.
 */
export const systemdFormat: ExportFormat = {
  name: "systemd",
  summary: "a file for `EnvironmentFile=` of a systemd unit",
  isEnvironment: true,
  takes: [],
  fault: (entry) =>
    textFault(entry) ??
    variableFault(entry) ??
    (noCharacter.test(textOf(entry)) ? "holds a Unicode noncharacter, which systemd refuses" : undefined),
  write: (entries) =>
    Buffer.from(entries.map((entry) => `${entry.variable}="${textOf(entry).replace(/["\\`$]/g, "\\$&")}"\n`).join("")),
};
