import { InvalidInputError, quote } from "../../errors.js";
import type { ExportEntry, ExportFormat, ExportOptions } from "./format.js";
import { yamlString } from "./yaml.js";

/** `MaxSecretSize` of the Kubernetes API: of all values together. */
const maximumBytes = 1024 * 1024;
const label = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
const subdomain = new RegExp(`^${label}(?:\\.${label})*$`);
const oneLabel = new RegExp(`^${label}$`);

/** A manifest of an opaque Secret (Kubernetes API, core/v1), which holds any bytes. */
export const kubernetesFormat: ExportFormat = {
  name: "k8s",
  summary: "a Kubernetes Secret manifest, for any bytes",
  isEnvironment: false,
  takes: ["name", "namespace"],
  requireOptions: requireNames,
  fault: () => undefined,
  write: (entries, { name = "", namespace }) => {
    requireSize(entries);
    const lines = [
      "apiVersion: v1",
      "kind: Secret",
      "metadata:",
      `  name: ${yamlString(name)}`,
      ...(namespace === undefined ? [] : [`  namespace: ${yamlString(namespace)}`]),
      "type: Opaque",
      entries.length === 0 ? "data: {}" : "data:",
      ...entries.map(({ variable, value }) => `  ${yamlString(variable)}: "${Buffer.from(value).toString("base64")}"`),
    ];
    return Buffer.from(`${lines.join("\n")}\n`);
  },
};

function requireNames({ name, namespace }: ExportOptions): void {
  if (name === undefined) {
    throw new InvalidInputError("a Kubernetes Secret needs a name", { hint: "give --name NAME" });
  }
  if (name.length > 253 || !subdomain.test(name)) {
    throw new InvalidInputError(`Kubernetes does not take ${quote(name)} as the name of a Secret`, {
      hint: "use lower-case letters, digits, `-` and `.`, with a letter or digit at both ends of each part, at most 253",
    });
  }
  if (namespace !== undefined && (namespace.length > 63 || !oneLabel.test(namespace))) {
    throw new InvalidInputError(`Kubernetes does not take ${quote(namespace)} as a namespace`, {
      hint: "use lower-case letters, digits and `-`, with a letter or digit at both ends, at most 63",
    });
  }
}

function requireSize(entries: readonly ExportEntry[]): void {
  const bytes = entries.reduce((sum, { value }) => sum + value.byteLength, 0);
  if (bytes <= maximumBytes) return;
  throw new InvalidInputError(
    `the values have ${bytes} bytes together, and a Kubernetes Secret holds ${maximumBytes}`,
    {
      hint: "export fewer of them with --only, under several names",
    },
  );
}
