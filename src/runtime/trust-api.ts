import { formatPath } from "../domain/problem.js";
import { ConfigurationError, singleLine } from "../errors.js";
import { loadRuntime } from "./context.js";
import { runtimeOptions } from "./load-api.js";
import type { LoadSecretsApiOptions } from "./load-api.js";
import { sensitiveParts } from "./sensitive-parts.js";
import { describePart, isTrusted, trustHash } from "./trust.js";
import { recordTrust } from "./trust-file.js";

/** An option of a configuration that takes effect only when this user trusts it. */
export interface UntrustedPart {
  /** Where it stands: `stores.vault.address`. */
  readonly place: string;
  /** What it does: `runs a program`, `sends secrets to an address`, `writes outside the project`. */
  readonly reason: string;
  /** What it would run, or where it would send or write, in one line. */
  readonly shown: string;
}

/**
 * Records that this user trusts the configuration `loadSecretsApi` would load with the same options, as
 * `mxm-secrets trust` does: for programs with backends of their own, which the command does not know.
 *
 * @param confirm - shows a person what would be run, or sent where, and returns the answer
 * @returns whether the configuration is trusted now; `true` without asking when nothing in it needs trust, or it is already
 * @throws ConfigurationError when it is faulty, or there is none
 */
export async function trustConfiguration(
  options: LoadSecretsApiOptions,
  confirm: (parts: readonly UntrustedPart[]) => boolean | Promise<boolean>,
): Promise<boolean> {
  const found = runtimeOptions(options);
  const runtime = await loadRuntime({ ...found, allowUntrusted: true });
  if (runtime === undefined) throw new ConfigurationError("there is no configuration to trust");
  const { file, config, stateDirectory } = runtime;
  const subject = { file, config, kinds: found.kinds, environment: found.environment };
  if (isTrusted(subject, stateDirectory)) return true;
  const parts = sensitiveParts(subject);
  // Before anybody is asked: what changes meanwhile is not what was trusted.
  const trusted = trustHash(subject, parts);
  const shown = parts.map((part) => ({
    place: formatPath(part.path),
    reason: part.reason,
    shown: singleLine(describePart(part)),
  }));
  if (!(await confirm(shown))) return false;
  await recordTrust(stateDirectory, file, trusted, Date.now());
  return true;
}
