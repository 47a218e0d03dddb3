import type { Finding } from "../backends/contract.js";
import type { SecretsConfig } from "../domain/config.js";
import { quote } from "../errors.js";
import type { SecretsAccess } from "../resolution/access.js";

/**
 * What `check` warns of: values that should have been changed by now. A store that cannot say when they were written is
 * reported by its own check, or knows no times; neither is a finding here.
 */
export async function rotationFindings(
  { refs }: SecretsConfig,
  openApi: () => SecretsAccess,
): Promise<readonly Finding[]> {
  if (![...refs.values()].some(({ rotateEveryDays }) => rotateEveryDays !== undefined)) return [];
  const { entries } = await openApi().inventory();
  return entries.flatMap(({ name, isOverdue, lastChanged, rotationDue, rotation }) => {
    if (!isOverdue || lastChanged === undefined || rotationDue === undefined) return [];
    const message = `${quote(name)} was last changed on ${lastChanged.slice(0, 10)} and was due on ${rotationDue.slice(0, 10)}`;
    const hint = `change it at its source, then \`mxm-secrets set ${name}\`${rotation === undefined ? "" : ` (${rotation})`}`;
    return [{ severity: "warning", message, hint }];
  });
}
