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
  /^(?:(?:ba|da|a|z|k|fi|c|tc)?sh|busybox|pwsh|powershell|cmd|python[\d.]*|perl|ruby|node|deno|bun|php|lua|[gmn]?awk|sed)(?:\.exe)?$/i;
/** Programs that start the one that stands after their own arguments. */
const wrappers = /^(?:env|sudo|doas|nice|ionice|timeout|nohup|setsid|stdbuf|time|xargs|flatpak-spawn)$/;
const codeOption = /^(?:-[a-z]*[ce]|--(?:command|eval|exec|print|expression|source)|\/c)$/i;
const assignment = /^[A-Za-z_]\w*=/;
/** Of `awk`: a variable and a separator, which are no code. */
const dataOption = /^(?:-[vF]|--(?:assign|field-separator))$/;

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
  if (wrappers.test(name)) {
    const at = startedBy(argv);
    const own = argv.slice(1, at).filter((word) => !assignment.test(word));
    if (own.some((word) => word.includes(path))) return `expected no \`{path}\` among the options of \`${name}\``;
    return at < argv.length ? argvFault(argv.slice(at)) : undefined;
  }
  if (!interpreters.test(name) || !codeWords(argv.slice(1)).some((word) => word.includes(path))) return undefined;
  return 'expected no `{path}` in code: let the code take it as an argument, such as `["sh", "-c", "… \\"$1\\"", "sh", "{path}"]`';
}

/** Where the program stands that a wrapper starts; after its last argument when there is none. */
function startedBy(argv: readonly string[]): number {
  const known = argv.findIndex((word, index) => index > 0 && interpreters.test(basename(word)));
  let at = 1;
  // An option of one letter may take the next word: `sudo -u vault`; numbers are a time or a priority.
  while (/^(?:-|\d)/.test(argv[at] ?? "") || assignment.test(argv[at] ?? "")) {
    at += /^-[A-Za-z]$/.test(argv[at] ?? "") ? 2 : 1;
  }
  return known > 0 ? Math.min(known, at) : Math.min(at, argv.length);
}

/** The words after an interpreter up to and with its code, or the name of its script. */
function codeWords(words: readonly string[]): readonly string[] {
  // Some take code in several pieces.
  const option = words.findLastIndex((word) => codeOption.test(word));
  if (option >= 0) return words.slice(0, option + 2);
  const isData = (index: number): boolean => dataOption.test(words[index - 1] ?? "");
  const script = words.findIndex((word, index) => !word.startsWith("-") && !isData(index));
  return (script < 0 ? words : words.slice(0, script + 1)).filter((_word, index) => !isData(index));
}
