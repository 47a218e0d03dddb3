import type { CommandDeclaration, OptionDeclaration } from "./command.js";

/** The list of commands. */
export function overview(commands: readonly CommandDeclaration[]): string {
  const shown = commands.filter((command) => command.summary !== "");
  const width = Math.max(...shown.map((command) => command.name.length));
  return [
    "usage: mxm-secrets COMMAND [ARGUMENTS]",
    "",
    ...shown.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    "",
    "`mxm-secrets help COMMAND` says more, `mxm-secrets help stores` lists the kinds of store. Exit codes: 0 ok,",
    "1 absent, 2 usage or configuration, 3 denied, 4 unavailable, 5 locked, 6 integrity, 7 check found problems,",
    "128+N signal.",
    "",
  ].join("\n");
}

/** Everything about one command. */
export function commandHelp(command: CommandDeclaration): string {
  const rows = Object.entries(command.options).map(
    ([name, option]) => [label(name, option), option.description] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `usage: mxm-secrets ${command.name} ${command.usage}`.trimEnd(),
    "",
    `  ${command.summary}`,
    "",
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    "",
  ].join("\n");
}

function label(name: string, option: OptionDeclaration): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  const value = option.value === undefined ? "" : ` ${option.value}`;
  return `${short}--${name}${value}`;
}
