import { InvalidInputError, quote } from "../../errors.js";
import { removeRef } from "../../runtime/edit-config.js";
import type { Arguments } from "../arguments.js";
import { confirm } from "../prompt.js";
import { requireSession } from "../session.js";
import { requiredNames } from "../template.js";
import { say } from "../terminal.js";

/** `rm NAME`: removes the value, then the name. Refuses a name that is still in use. */
export async function run(args: Arguments): Promise<number> {
  const session = await requireSession(args);
  const { secretName: name } = session.api.explain({ ...session.ask(args.positionals[0] ?? ""), action: "write" });
  await session.requireAllowed(name, "write");
  const keepRef = args.flag("keep-ref");
  const users = [...(session.config.refs.get(name)?.usedBy ?? [])];
  if (requiredNames(session)?.includes(name) === true) users.push("the template `secrets`");
  if (users.length > 0 && !keepRef && !args.flag("force")) {
    throw new InvalidInputError(`${quote(name)} is still used by ${users.join(", ")}`, {
      hint: "--force removes it all the same; --keep-ref removes the value only",
    });
  }
  const question = `remove the value of ${name}${keepRef ? "" : " and its name"}?`;
  if (!(await confirm(question, args.flag("yes")))) return 0;
  const removed = await session.api.removeSecret(session.ask(name));
  if (!keepRef) await removeRef(session.file, name);
  if (removed) return 0;
  say("[NOT FOUND]");
  return 1;
}
