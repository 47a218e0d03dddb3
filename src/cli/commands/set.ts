import { canonicalSecretName } from "../../domain/names.js";
import type { Arguments } from "../arguments.js";
import { nameIt, newRef, requireSame } from "../new-ref.js";
import { readValue } from "../read-value.js";
import { requireSession } from "../session.js";
import type { Session } from "../session.js";
import { requireTaken } from "../takes-value.js";

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
  requireTaken(name, session.config);
  await session.api.setSecret({ ...session.ask(name), value: await readValue(args, name) });
}
