import type { CommandDeclaration } from "./command.js";

type Script = (commands: readonly CommandDeclaration[]) => string;

/** A completion script for each shell, made from the declarations of the commands. */
export const completionScripts: ReadonlyMap<string, Script> = new Map([
  ["bash", bash],
  ["zsh", zsh],
  ["fish", fish],
]);

const namesCommand = "mxm-secrets completion --names 2>/dev/null";

function bash(commands: readonly CommandDeclaration[]): string {
  const cases = commands.map(
    (command) => `    ${command.name}) options="${optionsOf(command).join(" ")}"; words="${wordsOf(command)}" ;;`,
  );
  return `# mxm-secrets completion for bash: source it, or put it into /etc/bash_completion.d
_mxm_secrets() {
  local current="\${COMP_WORDS[COMP_CWORD]}" options="" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")} help" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
    *)
      if [ "$words" = ":file" ]; then COMPREPLY=($(compgen -f -- "$current"))
      elif [ "$words" = ":secret" ]; then COMPREPLY=($(compgen -W "$(${namesCommand})" -- "$current"))
      else COMPREPLY=($(compgen -W "$words" -- "$current")); fi ;;
  esac
}
complete -F _mxm_secrets mxm-secrets
`;
}

function zsh(commands: readonly CommandDeclaration[]): string {
  const rows = commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const cases = commands.map((command) => {
    const specs = Object.entries(command.options).map(
      ([name, { description }]) => `'--${name}[${quoted(description)}]'`,
    );
    return `    ${command.name}) _arguments ${specs.join(" ")} '*:argument:${zshAction(command)}' ;;`;
  });
  return `#compdef mxm-secrets
# mxm-secrets completion for zsh: save it as _mxm-secrets in a directory of $fpath
_mxm_secrets_names() { compadd -- \${(f)"$(${namesCommand})"} }
_mxm_secrets() {
  local -a commands
  commands=(
${rows.join("\n")}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
_mxm_secrets "$@"
`;
}

function fish(commands: readonly CommandDeclaration[]): string {
  const lines = commands.flatMap((command) => {
    const seen = `__fish_seen_subcommand_from ${command.name}`;
    const options = Object.entries(command.options).map(
      ([name, { description }]) => `complete -c mxm-secrets -n '${seen}' -l ${name} -d '${quoted(description)}'`,
    );
    const words = wordsOf(command);
    const positional =
      words === ":file" || words === ""
        ? []
        : [`complete -c mxm-secrets -f -n '${seen}' -a '${words === ":secret" ? `(${namesCommand})` : words}'`];
    return [
      `complete -c mxm-secrets -f -n __fish_use_subcommand -a ${command.name} -d '${quoted(command.summary)}'`,
      ...options,
      ...positional,
    ];
  });
  return `# mxm-secrets completion for fish: save it as ~/.config/fish/completions/mxm-secrets.fish\n${lines.join("\n")}\n`;
}

function optionsOf(command: CommandDeclaration): readonly string[] {
  return Object.keys(command.options).map((name) => `--${name}`);
}

function wordsOf({ completes }: CommandDeclaration): string {
  if (completes === undefined) return "";
  return typeof completes === "string" ? `:${completes}` : completes.join(" ");
}

function zshAction({ completes }: CommandDeclaration): string {
  if (completes === "secret") return "_mxm_secrets_names";
  if (completes === "file") return "_files";
  return completes === undefined ? "" : `(${completes.join(" ")})`;
}

/** Descriptions inside single quotes and brackets of a shell. */
function quoted(text: string): string {
  return text.replace(/['`[\]:]/g, "").replace(/\$/g, "");
}
