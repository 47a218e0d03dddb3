import { isSecretsError } from "../errors.js";
import type { AnySecretsError, Problem } from "../errors.js";
import type { Decision } from "../domain/decision.js";
import type { SecretsAccess } from "../resolution/access.js";
import { deniedError } from "../resolution/denied.js";
import type { AccessRequest } from "../resolution/request.js";
import type { EscapeName } from "../templates/escape.js";
import { formatOf, openTemplate } from "../templates/formats.js";
import type { TemplateFormat } from "../templates/formats.js";
import type { Template, TemplateUse } from "../templates/template.js";
import { checkTemplateArguments } from "./template-arguments.js";
import { errorOf, everywhere, faultsOf, problemAt } from "./obstacles.js";
import type { Obstacle } from "./obstacles.js";

/** How a template is read. */
export interface TemplateOptions {
  /** The template's name, for messages, and for its format when none is given. */
  readonly file?: string | undefined;
  /** Default: by the extension of `file` (`.yaml`, `.yml` and `.afs` are YAML, `.json` is JSON), else text. */
  readonly format?: TemplateFormat | undefined;
  /** For text: how each value is written. Default: as it is. */
  readonly escape?: EscapeName | undefined;
}

/** A secret that a template needs, and everywhere it uses it, in the order of the file. */
export interface NeededSecret {
  readonly name: string;
  readonly uses: readonly TemplateUse[];
}

/** Who asks for the secrets of a template. */
export interface TemplateCaller extends Omit<AccessRequest, "secretName"> {
  readonly api: Pick<SecretsAccess, "explain" | "openSecrets">;
  readonly signal?: AbortSignal | undefined;
}

/** Whether the caller may have one secret of a template. */
export interface CheckedNeed extends NeededSecret {
  readonly configured: boolean;
  /** `undefined` for a name that is not configured. */
  readonly decision: Decision | undefined;
}

/** What a template needs, and everything that would keep it from being rendered as far as that is known without a value. */
export interface TemplateCheck {
  readonly secrets: readonly CheckedNeed[];
  readonly warnings: readonly Problem[];
  /** The gravest fault with all `problems`, or `undefined` when every secret is allowed. */
  readonly error: AnySecretsError | undefined;
}

/** A template with the secrets it needs. */
export interface ReadTemplate extends Template {
  readonly needed: readonly NeededSecret[];
}

/** Reads a template by its options. @throws InvalidInputError for arguments of another shape, by a caller without types */
export async function readTemplate(text: string, options: TemplateOptions): Promise<ReadTemplate> {
  checkTemplateArguments(text, options);
  const template = await openTemplate(text, options.format ?? formatOf(options.file ?? ""), options.escape);
  const byName = new Map<string, TemplateUse[]>();
  for (const use of template.uses) {
    const uses = byName.get(use.name);
    if (uses === undefined) byName.set(use.name, [use]);
    else uses.push(use);
  }
  return { ...template, needed: [...byName].map(([name, uses]) => ({ name, uses })) };
}

/**
 * The secrets that a template needs, in the order of their first use. Asks no store and takes no decision.
 *
 * @throws InvalidInputError with every malformed reference among its `problems`
 */
export async function neededSecrets(text: string, options: TemplateOptions = {}): Promise<readonly NeededSecret[]> {
  const template = await readTemplate(text, options);
  const error = errorOf(faultsOf(template), options.file);
  if (error !== undefined) throw error;
  return template.needed;
}

/** What a template needs and whether the caller may have it. Touches no store and leaves no record. */
export async function checkTemplate(text: string, options: TemplateOptions & TemplateCaller): Promise<TemplateCheck> {
  const template = await readTemplate(text, options);
  const asked = template.needed.map((need) => ask(need, options));
  const obstacles = [...faultsOf(template), ...asked.flatMap((each) => each.obstacles)];
  return {
    secrets: asked.map(({ need }) => need),
    warnings: template.warnings.map((warning) => problemAt(warning, options.file)),
    error: errorOf(obstacles, options.file),
  };
}

/** The names that the caller may not have, or that nobody configured. */
export function refusalsOf(template: ReadTemplate, caller: TemplateCaller): readonly Obstacle[] {
  return template.needed.flatMap((need) => ask(need, caller).obstacles);
}

function ask(
  need: NeededSecret,
  { api, identity, reason }: TemplateCaller,
): { readonly need: CheckedNeed; readonly obstacles: readonly Obstacle[] } {
  try {
    const explanation = api.explain({ secretName: need.name, identity, reason });
    const { decision } = explanation;
    const obstacles = decision.verdict === "allow" ? [] : everywhere(need.uses, deniedError(explanation));
    return { need: { ...need, configured: true, decision }, obstacles };
  } catch (thrown) {
    if (!isSecretsError(thrown) || thrown.code !== "unknown_name") throw thrown;
    return { need: { ...need, configured: false, decision: undefined }, obstacles: everywhere(need.uses, thrown) };
  }
}
