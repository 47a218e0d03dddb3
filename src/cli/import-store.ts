import { canonicalSecretName } from "../domain/names.js";
import type { SecretRef } from "../domain/ref.js";
import { ConfigurationError, InvalidInputError, quote } from "../errors.js";
import { moveRefs } from "../runtime/edit-config.js";
import { misuse } from "./arguments.js";
import type { Arguments } from "./arguments.js";
import { importValues, isInStore, requireNoneKept, tellOutcomes } from "./import-values.js";
import type { ImportItem, ImportResult } from "./import-values.js";
import { requireFreePath, requireKnown } from "./known.js";
import { requireConfiguration, requireSession } from "./session.js";
import type { Session } from "./session.js";
import { say, writeJson } from "./terminal.js";
import { timesOfChange } from "./times-of-change.js";

/**
 * `import --from-store OLD --store NEW`: the values of the refs in one store are stored in another, under the same paths,
 * read back and compared; then the refs name the other store. With --delete-source the old values are removed at last.
 */
export async function importStore(args: Arguments): Promise<number> {
  const session = await requireSession(args);
  const { from, to } = chosenStores(session, args);
  const refs = refsToMove(session, from, args);
  const moved = refs.map((ref) => ({ ...ref, store: to }));
  for (const ref of moved) requireFreePath(ref, session.config.refs);
  const secrets = await session.api.openSecrets(refs.map(({ name }) => session.ask(name)));
  const times = await timesOfChange(
    session,
    refs.map(({ name }) => name),
  );
  const items = refs.flatMap(({ name }, index): readonly ImportItem[] => {
    const value = secrets[index]?.bytes();
    if (value === undefined) say(`mxm-secrets: ${name}: has no value in ${quote(from)} and stays there`);
    return value === undefined ? [] : [{ name, value, lastChanged: times.get(name) }];
  });
  const results = await importValues(session.withRef(...moved), items, {
    overwrite: args.flag("overwrite"),
    includePlaceholders: true,
    dryRun: args.flag("dry-run"),
    settle: async (names) => moveRefs(session.file, names, to),
  });
  if (!args.flag("dry-run")) await requireMoved(results.filter(isInStore), to, args);
  tellOutcomes(results, `from ${from} to ${to}`, args.flag("dry-run"));
  const isDeleted = args.flag("delete-source") && !args.flag("dry-run");
  // The session still has the refs as they were.
  if (isDeleted) {
    for (const { name } of results.filter(isInStore)) await session.api.removeSecret(session.ask(name));
  }
  if (args.flag("json")) writeJson({ imported: results, deleted: isDeleted });
  requireNoneKept(results);
  return 0;
}

/** A local override or a profile may say otherwise than the file that was changed: then the old values are still in use. */
async function requireMoved(results: readonly ImportResult[], to: string, args: Arguments): Promise<void> {
  const { config } = await requireConfiguration(args);
  const behind = results.filter(({ name }) => config.refs.get(name)?.store !== to).map(({ name }) => quote(name));
  if (behind.length === 0) return;
  throw new ConfigurationError(
    `the values are in ${quote(to)}, but the configuration still says another store for ${behind.join(", ")}`,
    [],
    {
      hint: "a local override or a profile says so: change `store:` there; nothing was removed",
    },
  );
}

function chosenStores({ config }: Session, args: Arguments): { readonly from: string; readonly to: string } {
  const notForStores = ["format", "policy"].find((option) => args.option(option) !== undefined);
  if (notForStores !== undefined) throw misuse(args.command, `--${notForStores} is not for --from-store`);
  if (args.positionals.length > 0 || args.flag("stdin")) {
    throw misuse(args.command, "--from-store and a file exclude each other");
  }
  const [from = "", to] = [args.option("from-store"), args.option("store") ?? config.defaults.store];
  if (to === undefined) {
    throw new ConfigurationError("no store to import into", [], {
      hint: "give --store, or set defaults.store in the configuration",
    });
  }
  requireKnown("store", from, config.stores);
  requireKnown("store", to, config.stores);
  if (from === to) throw new InvalidInputError(`expected two different stores, and both are ${quote(from)}`);
  return { from, to };
}

/** Those of `--only`, else every ref in the store. */
function refsToMove({ config, api, ask }: Session, from: string, args: Arguments): readonly SecretRef[] {
  const only = args.optionList("only").flatMap((list) => list.split(","));
  if (only.length === 0) return [...config.refs.values()].filter(({ store }) => store === from);
  return only.map((written) => {
    const { secretName, store } = api.explain(ask(canonicalSecretName(written.trim())));
    const ref = config.refs.get(secretName);
    if (ref !== undefined && store === from) return ref;
    throw new InvalidInputError(`${quote(secretName)} is in store ${quote(store)}, not in ${quote(from)}`);
  });
}
