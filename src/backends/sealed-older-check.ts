import { quote } from "../errors.js";
import { byOlderName, collidingNames, olderName } from "../fernet/names.js";
import type { OlderDocument } from "../fernet/document.js";
import type { Finding, StoreReport } from "./contract.js";

/** What there is to say about an opened store in the older format. No value is looked at. */
export function checkOlder(
  document: OlderDocument,
  paths: readonly string[],
  configured: readonly string[],
): StoreReport {
  const byName = byOlderName(document, ({ name }) => name);
  const findings: Finding[] = [olderFinding];
  for (const names of [
    ...collidingNames([...paths, ...configured]),
    ...collidingNames(document.map(({ name }) => name)),
  ]) {
    findings.push({
      severity: "problem",
      code: "configuration",
      message: `${names.map(quote).join(" and ")} are one name, ${quote(olderName(names[0] ?? ""))}, in the older format`,
      hint: "give all but one of them another name",
    });
  }
  for (const { name, text } of document) {
    if (olderName(name) === "") {
      const hint = "it is kept as it is and cannot be read; rename it with the program that wrote the file";
      findings.push({ severity: "warning", message: `${quote(name)} has no letter or digit to make a name of`, hint });
    }
    if (text !== undefined) continue;
    const hint = "it is kept as it is and cannot be read; set it again, or mend it with the program that wrote it";
    findings.push({ severity: "warning", message: `the value of ${quote(name)} is not a text`, hint });
  }
  return {
    findings,
    presence: new Map(paths.map((path) => [path, byName.has(olderName(path)) ? "present" : "absent"])),
  };
}

/** Said of every store in the older format, also of one that does not open. */
export const olderFinding: Finding = {
  severity: "warning",
  message: "the older format: AES-128, signed by nobody, and one key opens every value, whatever its policy",
  hint: "`mxm-secrets migrate` moves it to the sealed format",
};
