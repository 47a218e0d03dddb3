import type { TemplateOptions } from "../../delivery/needed.js";
import { formatProblem } from "../../domain/problem.js";
import { escapeNamed, escapes } from "../../templates/escape.js";
import { formatNamed, formatOf, formats } from "../../templates/formats.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { expectedOneOf } from "../one-of.js";
import { outputFile, requireOutputFile } from "../output-file.js";
import { readTemplateFile } from "../read-template.js";
import { refuseOwnFile } from "../refuse-own-file.js";
import { requireSession } from "../session.js";
import { say, writeJson, writeOutput } from "../terminal.js";
import { writePrivateFile } from "../write-private.js";

/** `render FILE`: the file with its secrets filled in, whole or not at all. @returns 0; with --check also 2 and 3 */
export async function run(args: Arguments): Promise<number> {
  const [source = ""] = args.positionals;
  const output = outputFile(args);
  const options = optionsOf(args, source);
  if (args.flag("check")) {
    if (args.option("output") !== undefined)
      throw misuse(args.command, "--check writes nothing, so it takes no --output");
    const { checkTemplateFile } = await import("../check-template.js");
    return checkTemplateFile(args, readTemplateFile(source), options);
  }
  const session = await requireSession(args);
  if (output !== undefined) {
    refuseOwnFile(session, output);
    requireOutputFile(output, { source: source === "-" ? undefined : source, force: args.flag("force") });
  }
  const { api, identity } = session;
  const template = readTemplateFile(source);
  const { renderTemplate } = await import("../../delivery/render.js");
  const text = await renderTemplate(template, {
    ...options,
    api,
    identity,
    reason: args.option("reason"),
    warn: (problem) => say(`mxm-secrets: ${formatProblem(problem)}`),
  });
  if (output !== undefined) await writePrivateFile(output, text);
  if (args.flag("json"))
    writeJson({ file: source, format: options.format, ...(output === undefined ? { text } : { output }) });
  else if (output === undefined) writeOutput(text);
  return 0;
}

function optionsOf(args: Arguments, source: string): TemplateOptions & Required<Pick<TemplateOptions, "format">> {
  const formatOption = args.option("format");
  const escapeOption = args.option("escape");
  const format = formatOption === undefined ? formatOf(source) : formatNamed(formatOption);
  const escape = escapeOption === undefined ? undefined : escapeNamed(escapeOption);
  if (format === undefined) throw expectedOneOf(args, "format", Object.keys(formats));
  if (escapeOption !== undefined && escape === undefined) {
    throw expectedOneOf(args, "escape", Object.keys(escapes));
  }
  return { file: source === "-" ? "standard input" : source, format, escape };
}
