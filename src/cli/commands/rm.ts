import { InvalidInputError, quote } from "../../errors.js";
import { removeRef } from "../../runtime/edit-config.js";
import type { Arguments } from "../arguments.js";
import { describePlaces, projectNeeds } from "../project-state.js";
import { confirm } from "../prompt.js";
import { requireSession } from "../session.js";
import type { Session } from "../session.js";
import { templateName } from "../template.js";
import { say } from "../terminal.js";

/** `rm NAME`: removes the value, then the name. Refuses a name that is still in use. */
export async function run(args: Arguments): Promise<number> {
  const session = await requireSession(args);
  const { secretName: name } = session.api.explain({ ...session.ask(args.positionals[0] ?? ""), action: "write" });
  await session.requireAllowed(name, "write");
  const keepRef = args.flag("keep-ref");
  if (!keepRef && !args.flag("force")) await requireUnused(session, name);
  const question = `remove the value of ${name}${keepRef ? "" : " and its name"}?`;
  if (!(await confirm(question, args.flag("yes")))) return 0;
  const removed = await session.api.removeSecret(session.ask(name));
  if (!keepRef) await removeRef(session.file, name);
  if (removed) return 0;
  say("[NOT FOUND]");
  return 1;
}

/** A name that somebody or something asks for would be missed; a file that cannot be read may ask for any. */
async function requireUnused(session: Session, name: string): Promise<void> {
  const { required, scanned } = await projectNeeds(session);
  const need = required.find((each) => each.name === name);
  const users = [
    ...(session.config.refs.get(name)?.usedBy ?? []),
    ...(need?.line === undefined ? [] : [`the template \`${templateName}\``]),
    ...describePlaces(need?.uses ?? []),
  ];
  const hint = "--force removes it all the same; --keep-ref removes the value only";
  if (users.length > 0) throw new InvalidInputError(`${quote(name)} is still used by ${users.join(", ")}`, { hint });
  const unread = scanned.findings.find(({ severity }) => severity === "problem");
  if (unread === undefined) return;
  throw new InvalidInputError(`it is not known whether ${quote(name)} is used: ${unread.message}`, { hint });
}
