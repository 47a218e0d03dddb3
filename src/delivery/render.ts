import { AbsentError, InvalidInputError, isSecretsError, quote } from "../errors.js";
import type { Problem } from "../errors.js";
import type { Secret } from "../domain/secret.js";
import { readTemplate, refusalsOf } from "./needed.js";
import type { ReadTemplate, TemplateCaller, TemplateOptions } from "./needed.js";
import { errorOf, everywhere, faultsOf, problemAt } from "./obstacles.js";
import type { Obstacle } from "./obstacles.js";
import { checkApi } from "./template-arguments.js";

/** In UTF-16 units. An escape writes at most nine of them for one (a percent-encoded character), and the result is still a string. */
const maximumLength = 50_000_000;

/** A template's options, and who asks for what it needs. */
export interface RenderOptions extends TemplateOptions, TemplateCaller {
  /** Takes what is no fault and may not be meant, such as a reference in a key. Default: it is dropped. */
  readonly warn?: ((problem: Problem) => void) | undefined;
}

/**
 * A template with every `${{ secrets.NAME }}` replaced by its value. Values are data: whatever is in one comes out as it
 * is and is never searched again. All secrets are decided on before one is read, and the text is whole or not there.
 *
 * @throws an error of this package whose `problems` hold every place that cannot be filled; its class is that of the
 *   gravest. AccessDeniedError, UnknownNameError: no store was touched. AbsentError for a name without a value;
 *   InvalidInputError for a malformed reference, a binary value, and one the escape cannot write; and what a store throws
 */
export async function renderTemplate(text: string, options: RenderOptions): Promise<string> {
  const template = await readTemplate(text, options);
  checkApi(options.api);
  const faults = faultsOf(template);
  if (faults.length > 0) refuse([...faults, ...refusalsOf(template, options)], options.file);
  for (const warning of template.warnings) options.warn?.(problemAt(warning, options.file));
  const values = await readValues(template, options);
  requireReasonableLength(text, template, values);
  return template.render(({ name }) => {
    const value = values.get(name);
    if (value === undefined) throw new RangeError(`no value was read for ${name}`);
    return value;
  });
}

/** A short template can use a long value many times, and a text that cannot be made must not end as a bug. */
function requireReasonableLength(text: string, { needed }: ReadTemplate, values: ReadonlyMap<string, string>): void {
  const added = needed.reduce((sum, { name, uses }) => sum + uses.length * (values.get(name)?.length ?? 0), 0);
  if (text.length + added <= maximumLength) return;
  throw new InvalidInputError("with its values filled in, the template has more than 50 million characters");
}

async function readValues(template: ReadTemplate, options: RenderOptions): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  const obstacles: Obstacle[] = [];
  const secrets = await openAll(template, options);
  for (const [index, { name, uses }] of template.needed.entries()) {
    const value = textOf(name, secrets[index], template);
    if (typeof value === "string") values.set(name, value);
    else obstacles.push(...everywhere(uses, value));
  }
  refuse(obstacles, options.file);
  return values;
}

/** A refusal is put on record by the call that asks, and told here with every place. */
async function openAll(template: ReadTemplate, options: RenderOptions): Promise<readonly (Secret | undefined)[]> {
  const { api, identity, reason, signal } = options;
  if (template.needed.length === 0) return [];
  try {
    return await api.openSecrets(
      template.needed.map(({ name }) => ({ secretName: name, identity, reason })),
      { signal },
    );
  } catch (thrown) {
    const isRefusal = isSecretsError(thrown) && (thrown.code === "denied" || thrown.code === "unknown_name");
    if (isRefusal) refuse(refusalsOf(template, options), options.file);
    throw thrown;
  }
}

/** The value for a template, or why there is none. */
function textOf(name: string, secret: Secret | undefined, template: ReadTemplate): string | Obstacle["error"] {
  if (secret === undefined) {
    return new AbsentError(`${quote(name)} has no value`, { hint: `\`mxm-secrets set ${name}\` stores one` });
  }
  let value: string;
  try {
    value = secret.reveal();
  } catch {
    return new InvalidInputError(`the value of ${quote(name)} is binary, not UTF-8 text`, {
      hint: "give it to the program as a file, or store it encoded",
    });
  }
  const fault = template.valueFault(value);
  return fault === undefined ? value : new InvalidInputError(`the value of ${quote(name)} has ${fault}`);
}

function refuse(obstacles: readonly Obstacle[], file: string | undefined): void {
  const error = errorOf(obstacles, file);
  if (error !== undefined) throw error;
}
