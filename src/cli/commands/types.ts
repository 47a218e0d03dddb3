import { join, relative, resolve } from "node:path";
import { declaredNames, declareNames } from "../../delivery/name-declarations.js";
import { InvalidInputError, quote } from "../../errors.js";
import { writeFileAtomically } from "../../files/atomic.js";
import { readRegular } from "../../files/open-regular.js";
import type { Arguments } from "../arguments.js";
import { requireConfigurationFile } from "../configuration.js";
import { regularFile } from "../regular-file.js";
import { writeJson, writeLines, writeOutput } from "../terminal.js";
import { workingDirectory } from "../working-directory.js";

/** Not the name of the package: with `baseUrl`, TypeScript would take the file for it. */
const defaultName = "mxm-secrets-names.d.ts";
/** Far more than the declarations of any configuration. */
const maximumBytes = 64 * 1024 * 1024;

/** `types`: TypeScript declarations of the configured names. Reads the configuration alone. @returns 7 for a stale file */
export async function run(args: Arguments): Promise<number> {
  const { config, baseDirectory } = await requireConfigurationFile(args);
  const text = declareNames(config.refs.values());
  const output = args.option("output");
  if (output === "-") {
    writeOutput(text);
    return 0;
  }
  const file = output === undefined ? join(baseDirectory, defaultName) : resolve(workingDirectory(), output);
  const present =
    regularFile(file) === undefined ? undefined : readRegular(file, maximumBytes)?.replaceAll("\r\n", "\n");
  const names = [...config.refs.keys()].toSorted();
  if (args.flag("check")) return sayWhetherStale({ file, text, present, names }, args);
  if (present !== text) write(file, { text, present }, args.flag("force"));
  if (args.flag("json")) writeJson({ file, changed: present !== text, names });
  return 0;
}

function write(
  file: string,
  { text, present }: { readonly text: string; readonly present: string | undefined },
  isForced: boolean,
): void {
  if (present !== undefined && !isForced && declaredNames(present) === undefined) {
    throw new InvalidInputError(`${quote(file)} was not written by this command, or was changed since`, {
      hint: "keep your own declarations in another file; --force replaces this one",
    });
  }
  writeFileAtomically(file, text, { mode: 0o644 });
}

function sayWhetherStale(
  found: {
    readonly file: string;
    readonly text: string;
    readonly present: string | undefined;
    readonly names: readonly string[];
  },
  args: Arguments,
): number {
  const { file, text, present, names } = found;
  const declared = present === undefined ? [] : (declaredNames(present)?.map(({ name }) => name) ?? undefined);
  const missing = declared === undefined ? [] : names.filter((name) => !declared.includes(name));
  const surplus = declared?.filter((name) => !names.includes(name)) ?? [];
  const ok = present === text;
  if (args.flag("json")) {
    writeJson({ file, ok, missing, surplus });
  } else if (!ok) {
    const shown = relative(workingDirectory(), file);
    const reasons = [
      ...(present === undefined ? ["it is not there"] : []),
      ...(declared === undefined ? ["it was changed by hand, or is another file"] : []),
      ...(present === undefined || missing.length === 0 ? [] : [`it does not declare ${missing.join(", ")}`]),
      ...(surplus.length === 0 ? [] : [`it declares ${surplus.join(", ")}, which the configuration does not have`]),
    ];
    const because = reasons.length === 0 ? "descriptions differ" : reasons.join("; ");
    writeLines([`stale ${shown}: ${because}`, "  write it anew with `mxm-secrets types`"]);
  }
  return ok ? 0 : 7;
}
