import { InvalidInputError } from "../../errors.js";
import type { Arguments } from "../arguments.js";
import { editPrivately } from "../editor.js";
import { requireSession } from "../session.js";
import { requireTaken } from "../takes-value.js";
import { say } from "../terminal.js";

const newline = 0x0a;

/** `edit NAME`: the value in $VISUAL or $EDITOR, from a private file in memory that is gone afterwards. */
export async function run(args: Arguments): Promise<number> {
  const session = await requireSession(args);
  const request = session.ask(args.positionals[0] ?? "");
  const { secretName } = session.api.explain(request);
  await session.requireAllowed(secretName, "write");
  requireTaken(secretName, session.config);
  const editor = process.env["VISUAL"] || process.env["EDITOR"];
  if (!editor) throw new InvalidInputError("no editor is set", { hint: "set EDITOR, or use `mxm-secrets set`" });
  const before = (await session.api.openSecret(request))?.bytes() ?? new Uint8Array();
  const after = withoutAddedNewline(await editPrivately(editor, before), before);
  if (after.equals(before)) {
    say(`mxm-secrets: ${secretName} is unchanged`);
    return 0;
  }
  await session.api.setSecret({ ...request, value: after });
  return 0;
}

/** Editors end a file with a newline of their own: it is no part of a value that had none. */
function withoutAddedNewline(after: Buffer, before: Uint8Array): Buffer {
  if (after.at(-1) !== newline || before.at(-1) === newline) return after;
  const isOneLine = after.indexOf(newline) === after.length - 1;
  return isOneLine || before.includes(newline) ? after.subarray(0, -1) : after;
}
