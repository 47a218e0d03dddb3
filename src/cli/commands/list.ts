import type { Arguments } from "../arguments.js";
import { requireKnown } from "../known.js";
import { requireConfiguration } from "../session.js";
import { writeJson, writeOutput } from "../terminal.js";

/** `list`: the configured names, sorted, one a line. Contacts no store. */
export async function run(args: Arguments): Promise<number> {
  const { config } = await requireConfiguration(args);
  const [store, policy] = [args.option("store"), args.option("policy")];
  if (store !== undefined) requireKnown("store", store, config.stores);
  if (policy !== undefined) requireKnown("policy", policy, config.policies);
  const refs = [...config.refs.values()]
    .filter((ref) => (store === undefined || ref.store === store) && (policy === undefined || ref.policy === policy))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (args.flag("json")) {
    writeJson(
      refs.map(({ name, store: at, policy: under, description }) => ({ name, store: at, policy: under, description })),
    );
  } else {
    writeOutput(refs.map((ref) => `${ref.name}\n`).join(""));
  }
  return 0;
}
