/** Values that can be written into a configuration. */
export type Writable = string | boolean | readonly string[];

/**
 * A value as YAML on one line. Strings that could be read as anything else are quoted, and `${` is written so that it
 * stays itself.
 */
export function yamlInline(value: Writable): string {
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "string") return `[${value.map(yamlInline).join(", ")}]`;
  const literal = value.replaceAll("${", () => "$${");
  return isPlain(literal) ? literal : JSON.stringify(literal);
}

/** A mapping as YAML on one line. */
export function yamlFlowMap(fields: Readonly<Record<string, Writable>>): string {
  const entries = Object.entries(fields).map(([key, value]) => `${yamlInline(key)}: ${yamlInline(value)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

/** A mapping as lines of YAML, without indentation. */
export function yamlLines(fields: Readonly<Record<string, Writable>>): readonly string[] {
  return Object.entries(fields).map(([key, value]) => `${yamlInline(key)}: ${yamlInline(value)}`);
}

function isPlain(text: string): boolean {
  return /^[A-Za-z_][\w./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
}
