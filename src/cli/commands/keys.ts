import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";

type Verb = (args: Arguments) => Promise<number>;

interface VerbRow {
  /** The most arguments after the verb. */
  readonly maximum: number;
  readonly load: () => Promise<Verb>;
}

const verbs: ReadonlyMap<string, VerbRow> = new Map([
  ["init", { maximum: 0, load: async () => (await import("./keys-own.js")).initKey }],
  ["public", { maximum: 0, load: async () => (await import("./keys-own.js")).publicKey }],
  ["list", { maximum: 0, load: async () => (await import("./keys-list.js")).listKeys }],
  ["add", { maximum: 2, load: async () => (await import("./keys-holders.js")).addHolder }],
  ["rm", { maximum: 1, load: async () => (await import("./keys-holders.js")).removeHolder }],
]);

/** `keys …`: who can decrypt the sealed store, and who can change it. */
export async function run(args: Arguments): Promise<number> {
  const [name = "", ...rest] = args.positionals;
  const verb = verbs.get(name);
  if (verb === undefined) throw misuse(args.command, "expected init, public, list, add or rm");
  if (rest.length > verb.maximum) throw misuse(args.command, `${name}: too many arguments`);
  return (await verb.load())(args);
}
