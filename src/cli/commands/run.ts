import { closeSync } from "node:fs";
import { childEnvironment } from "../../delivery/child-environment.js";
import { loaderFault, refuseLoaderName } from "../../delivery/loader-variables.js";
import { runChild } from "../../delivery/run-child.js";
import { errnoOf } from "../../files/errno.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { openEach, selectNames } from "../select-secrets.js";
import { requireSession } from "../session.js";
import type { Session } from "../session.js";
import { say } from "../terminal.js";

/** `run`: a program with the named secrets and nothing else of ours. @returns its exit code, or 128+N */
export async function run(args: Arguments): Promise<number> {
  if (args.rest.length === 0) throw misuse(args.command, "no command: write it after `--`");
  const session = await requireSession(args);
  const names = selectedNames(session, args);
  const secrets = await openEach(session, names, "the command was not started");
  const environment = childEnvironment(process.env, secrets, session.ownVariables);
  session.ownDescriptors.forEach(closeOwn);
  return runChild(args.rest, environment);
}

/** What was named must be harmless; of all, the harmless ones are taken. */
function selectedNames(session: Session, args: Arguments): readonly string[] {
  const { by, names } = selectNames(session, args);
  if (by !== "all") {
    names.forEach(refuseLoaderName);
    return names;
  }
  const harmless = names.filter(isHarmless);
  if (harmless.length === 0) say("mxm-secrets: the policies give this caller no secret; the command runs without any");
  return harmless;
}

function isHarmless(name: string): boolean {
  const fault = loaderFault(name);
  if (fault !== undefined) say(`mxm-secrets: ${name} is left out: ${fault}`);
  return fault === undefined;
}

/** Node passes on a descriptor that was open when it started and has a high number, as a shell's `<(…)` gives. */
function closeOwn(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch (thrown) {
    if (errnoOf(thrown) !== "EBADF") throw thrown;
  }
}
