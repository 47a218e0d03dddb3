/** What is wrong with a YAML text, and where; {@link readYaml} makes a located error of it. Never the text itself. */
export class YamlFault extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}
