import { basename } from "node:path";

/** What stands for something in an argument. Each argument stays one argument, whatever is put in. */
export interface PlaceholderValues {
  readonly path: string;
  readonly store: string;
}

const placeholder = /\{(path|store)\}/g;
const path = "{path}";

/** Programs that read code from an argument or from the file it names. */
const interpreters =
  /^(?:(?:ba|da|a|z|k|fi|c|tc)?sh|busybox|pwsh|powershell|cmd|python[\d.]*|perl|ruby|node|deno|bun|php|lua)(?:\.exe)?$/i;
/** Programs that start the one that stands after their own arguments. */
const wrappers = /^(?:env|sudo|doas|nice|ionice|timeout|nohup|setsid|stdbuf|time|xargs|flatpak-spawn)$/;
const codeOption = /^(?:-[a-z]*[ce]|--(?:command|eval|exec|print)|\/c)$/i;

/** The arguments with the placeholders filled in. Any other brace is an argument's own. */
export function fillArguments(argv: readonly [string, ...string[]], values: PlaceholderValues): [string, ...string[]] {
  const fill = (word: string): string =>
    word.replace(placeholder, (_whole, name: string) => (name === "path" ? values.path : values.store));
  const [program, ...words] = argv;
  return [program, ...words.map(fill)];
}

/**
 * What is wrong with a program and its arguments as they stand in the configuration, or `undefined`. The path of a secret
 * is not trusted as the program is: it must not become the program, nor code that the program runs.
 */
export function argvFault(argv: readonly string[]): string | undefined {
  const [program = ""] = argv;
  if (program === "") return "expected a program and its arguments";
  if (argv.some((word) => word.includes("\0"))) return "expected no NUL character";
  if (program.search(placeholder) >= 0) return "expected no placeholder in the program";
  const name = basename(program).toLowerCase();
  if (name === "ssh" && argv.some((word) => word.includes(path))) {
    return "expected no `{path}` in the arguments of `ssh`, which gives them to a shell: have the program read it from the request";
  }
  const at = wrappers.test(name)
    ? argv.findIndex((word) => interpreters.test(basename(word)))
    : interpreters.test(name)
      ? 0
      : -1;
  if (at < 0 || !codeWords(argv.slice(at + 1)).some((word) => word.includes(path))) return undefined;
  return 'expected no `{path}` in code: let the code take it as an argument, such as `["sh", "-c", "… \\"$1\\"", "sh", "{path}"]`';
}

/** The words after an interpreter up to and with its code, or the name of its script. */
function codeWords(words: readonly string[]): readonly string[] {
  const option = words.findIndex((word) => codeOption.test(word));
  if (option >= 0) return words.slice(0, option + 2);
  const script = words.findIndex((word) => !word.startsWith("-"));
  return script < 0 ? words : words.slice(0, script + 1);
}
