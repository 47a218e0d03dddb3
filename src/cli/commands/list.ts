import type { Arguments } from "../arguments.js";
import { requireConfigurationFile } from "../configuration.js";
import { requireKnown } from "../known.js";
import { writeJson, writeLines } from "../terminal.js";

/** `list`: the configured names, sorted, one a line. Contacts no store. */
export async function run(args: Arguments): Promise<number> {
  const { config } = await requireConfigurationFile(args);
  const [store, policy] = [args.option("store"), args.option("policy")];
  if (store !== undefined) requireKnown("store", store, config.stores);
  if (policy !== undefined) requireKnown("policy", policy, config.policies);
  if (store === undefined && policy === undefined && !args.flag("json")) {
    writeLines([...config.refs.keys()].toSorted());
    return 0;
  }
  const refs = [...config.refs.values()]
    .filter((ref) => (store === undefined || ref.store === store) && (policy === undefined || ref.policy === policy))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (args.flag("json")) {
    writeJson(
      refs.map(({ name, store: at, policy: under, description }) => ({ name, store: at, policy: under, description })),
    );
  } else {
    writeLines(refs.map((ref) => ref.name));
  }
  return 0;
}
