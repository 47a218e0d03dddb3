import { variableFault } from "./format.js";
import type { ExportFormat } from "./format.js";

/** Lines for `eval` in a POSIX shell. Between single quotes every byte but `'` and NUL stands for itself. */
export const shellFormat: ExportFormat = {
  name: "shell",
  summary: "`export` lines for `eval` in sh, dash, bash and zsh, safe for any byte",
  isEnvironment: true,
  takes: [],
  fault: variableFault,
  write: (entries) =>
    Buffer.concat(
      entries.map(({ variable, value }) => {
        // Bytes that are no text pass through Latin-1 unchanged.
        const quoted = Buffer.from(value).toString("latin1").replaceAll("'", "'\\''");
        return Buffer.from(`export ${variable}='${quoted}'\n`, "latin1");
      }),
    ),
};
