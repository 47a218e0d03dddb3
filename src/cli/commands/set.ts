import { ConfigurationError, quote } from "../../errors.js";
import { canonicalSecretName } from "../../domain/names.js";
import type { SecretRef } from "../../domain/ref.js";
import { addRef } from "../../runtime/edit-config.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { requireFreePath, requireKnown } from "../known.js";
import { readValue } from "../read-value.js";
import { requireConfiguration, requireSession } from "../session.js";
import type { Session } from "../session.js";

/** `set NAME`: stores a value; a new name gets a ref. The value is durable before its name is written down. */
export async function run(args: Arguments): Promise<number> {
  const name = canonicalSecretName(args.positionals[0] ?? "");
  const session = await requireSession(args);
  const known = session.config.refs.get(name);
  if (known !== undefined) {
    requireSame(known, args);
    await store(session, name, args);
    return 0;
  }
  const ref = newRef(name, session, args);
  await store(session.withRef(ref), name, args);
  await nameIt(ref, session.file, args);
  return 0;
}

/** Refused before the value is asked for. */
async function store(session: Session, name: string, args: Arguments): Promise<void> {
  await session.requireAllowed(name, "write");
  await session.api.setSecret({ ...session.ask(name), value: await readValue(args, name) });
}

/** Another process may have named it meanwhile, which is well when it said the same. */
async function nameIt(ref: SecretRef, file: string, args: Arguments): Promise<void> {
  try {
    await addRef(file, ref.name, ref);
  } catch (thrown) {
    const present = (await requireConfiguration(args)).config.refs.get(ref.name);
    if (present?.store !== ref.store || present.path !== ref.path || present.policy !== ref.policy) throw thrown;
  }
}

function requireSame(known: SecretRef, args: Arguments): void {
  for (const field of ["store", "policy"] as const) {
    const wanted = args.option(field);
    if (wanted === undefined || wanted === known[field]) continue;
    throw misuse(
      args.command,
      `${quote(known.name)} has ${field} ${quote(known[field])}; change it in the configuration, then set the value again`,
    );
  }
}

function newRef(name: string, { config }: Session, args: Arguments): SecretRef {
  const chosen = (field: "store" | "policy"): string => {
    const value = args.option(field) ?? config.defaults[field];
    if (value !== undefined) return value;
    throw new ConfigurationError(`${quote(name)} is a new name and has no ${field}`, [], {
      hint: `give --${field}, or set defaults.${field} in the configuration`,
    });
  };
  const [storeName, policy] = [chosen("store"), chosen("policy")];
  requireKnown("store", storeName, config.stores);
  requireKnown("policy", policy, config.policies);
  const ref = { name, store: storeName, path: name, policy };
  requireFreePath(ref, config.refs);
  return ref;
}
