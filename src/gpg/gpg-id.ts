/**
 * The lines of a `.gpg-id`, less comments and blank lines: fingerprints, key ids, addresses or names of groups, each as
 * gpg takes it after `--recipient`. Source: `set_gpg_recipients` of pass 1.7.4.
 */
export function parseGpgId(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/#[^]*/, "").trim())
    .filter((line) => line !== "");
}
