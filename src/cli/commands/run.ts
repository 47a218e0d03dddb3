import { closeSync } from "node:fs";
import { AbsentError, quote } from "../../errors.js";
import { canonicalSecretName } from "../../domain/names.js";
import type { Secret } from "../../domain/secret.js";
import { childEnvironment } from "../../delivery/child-environment.js";
import { loaderFault, refuseLoaderName } from "../../delivery/loader-variables.js";
import { runChild } from "../../delivery/run-child.js";
import { errnoOf } from "../../files/errno.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { requireSession } from "../session.js";
import type { Session } from "../session.js";
import { say } from "../terminal.js";

/** `run`: a program with the named secrets and nothing else of ours. @returns its exit code, or 128+N */
export async function run(args: Arguments): Promise<number> {
  if (args.rest.length === 0) throw misuse(args.command, "no command: write it after `--`");
  const session = await requireSession(args);
  const names = selectedNames(session, args);
  const secrets = await openAll(session, names);
  const environment = childEnvironment(process.env, secrets, session.ownVariables);
  session.ownDescriptors.forEach(closeOwn);
  return runChild(args.rest, environment);
}

function selectedNames(session: Session, args: Arguments): readonly string[] {
  const only = args.optionList("only").flatMap((list) => list.split(","));
  if (args.flag("all") === only.length > 0) {
    throw misuse(args.command, "say which secrets: --only NAME,… or --all");
  }
  if (!args.flag("all")) {
    const names = [...new Set(only.map((name) => canonicalSecretName(name.trim())))];
    names.forEach(refuseLoaderName);
    return names;
  }
  const allowed = [...session.config.refs.keys()].filter(
    (name) => session.api.explain(session.ask(name)).decision.verdict === "allow" && isHarmless(name),
  );
  if (allowed.length === 0) say("mxm-secrets: the policies give this caller no secret; the command runs without any");
  return allowed;
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

/** Every named secret, or none: one that is denied or absent and the child does not start. */
async function openAll(session: Session, names: readonly string[]): Promise<readonly Secret[]> {
  const secrets = await session.api.openSecrets(names.map((name) => session.ask(name)));
  return secrets.map((secret, index) => {
    if (secret !== undefined) return secret;
    throw new AbsentError(`${quote(names[index] ?? "")} has no value; the command was not started`);
  });
}
