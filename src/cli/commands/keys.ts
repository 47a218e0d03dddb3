import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";

type Verb = (args: Arguments) => Promise<number>;

const verbs: ReadonlyMap<string, () => Promise<Verb>> = new Map([
  ["init", async () => (await import("./keys-own.js")).initKey],
  ["public", async () => (await import("./keys-own.js")).publicKey],
  ["list", async () => (await import("./keys-list.js")).listKeys],
  ["add", async () => (await import("./keys-holders.js")).addHolder],
  ["rm", async () => (await import("./keys-holders.js")).removeHolder],
]);

/** `keys …`: who can decrypt the sealed store, and who can change it. */
export async function run(args: Arguments): Promise<number> {
  const load = verbs.get(args.positionals[0] ?? "");
  if (load === undefined) throw misuse(args.command, "expected init, public, list, add or rm");
  return (await load())(args);
}
