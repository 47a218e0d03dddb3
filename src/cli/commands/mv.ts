import { join } from "node:path";
import { InvalidInputError, quote } from "../../errors.js";
import { canonicalSecretName } from "../../domain/names.js";
import { renameRef } from "../../runtime/edit-config.js";
import type { Arguments } from "../arguments.js";
import { regularFile } from "../regular-file.js";
import { requireFreePath } from "../known.js";
import { describePlaces, projectNeeds } from "../project-state.js";
import { requireConfiguration, requireSession } from "../session.js";
import { renameRequired, templateName } from "../template.js";
import { say } from "../terminal.js";
import { timesOfChange } from "../times-of-change.js";

/**
 * `mv OLD NEW`: renames a secret. A path that is the name moves with it: the value is stored under the new path, then the
 * configuration and the template are changed, then the old path is removed, so that no moment exists without the value.
 */
export async function run(args: Arguments): Promise<number> {
  const [from = "", to = ""] = args.positionals.map(canonicalSecretName);
  const code = await move(args, from, to);
  await tellUses(args, from);
  return code;
}

/** Files are their author's: they are named, and not changed. */
async function tellUses(args: Arguments, from: string): Promise<void> {
  const { required, scanned } = await projectNeeds(await requireConfiguration(args));
  const places = describePlaces(required.find(({ name }) => name === from)?.uses ?? []);
  if (places.length > 0) say(`mxm-secrets: these places still refer to ${from}: ${places.join(", ")}`);
  for (const { severity, message } of scanned.findings) if (severity === "problem") say(`mxm-secrets: ${message}`);
}

async function move(args: Arguments, from: string, to: string): Promise<number> {
  if (from === to) throw new InvalidInputError("expected two different names");
  const session = await requireSession(args);
  session.api.explain(session.ask(from));
  await session.requireAllowed(from, "write");
  regularFile(join(session.baseDirectory, templateName));
  if (session.config.refs.has(to)) throw new InvalidInputError(`${quote(to)} exists already`);
  const ref = session.config.refs.get(from);
  if (ref === undefined) return 0;
  if (ref.path !== from) {
    await renameRef(session.file, from, to, { path: "keep" });
    renameRequired(session, from, to);
    return 0;
  }
  const moved = { ...ref, name: to, path: to };
  requireFreePath(moved, session.config.refs);
  const target = session.withRef(moved);
  const [secret, occupant] = await target.api.openSecrets([target.ask(from), target.ask(to)]);
  // The same value there is what a killed `mv` left behind: it is finished, not refused.
  if (occupant !== undefined && !(secret !== undefined && Buffer.from(occupant.bytes()).equals(secret.bytes()))) {
    throw new InvalidInputError(`store ${quote(ref.store)} already has a value at ${quote(to)}`);
  }
  if (secret !== undefined && occupant === undefined) {
    const lastChanged = (await timesOfChange(session, [from])).get(from);
    await target.api.setSecret({ ...target.ask(to), value: secret.bytes(), lastChanged });
  }
  await renameRef(session.file, from, to, { path: "follow" });
  renameRequired(session, from, to);
  if (secret !== undefined) await session.api.removeSecret(session.ask(from));
  return 0;
}
