import { AbsentError, quote } from "../../errors.js";
import { canonicalSecretName } from "../../domain/names.js";
import type { Secret } from "../../domain/secret.js";
import { childEnvironment, refuseLoaderName } from "../../delivery/child-environment.js";
import { runChild } from "../../delivery/run-child.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { requireSession } from "../session.js";
import type { Session } from "../session.js";
import { report } from "../terminal.js";

/** `run`: a program with the named secrets and nothing else of ours. @returns its exit code, or 128+N */
export async function run(args: Arguments): Promise<number> {
  if (args.rest.length === 0) throw misuse(args.command, "no command: write it after `--`");
  const session = await requireSession(args);
  const names = selectedNames(session, args);
  names.forEach(refuseLoaderName);
  const secrets = await openAll(session, names);
  const environment = childEnvironment(process.env, secrets, session.ownVariables);
  const { exitCode, failure } = await runChild(args.rest, environment);
  if (failure !== undefined) report(failure, args.flag("json"));
  return exitCode;
}

function selectedNames(session: Session, args: Arguments): readonly string[] {
  const only = args.optionList("only").flatMap((list) => list.split(","));
  if (args.flag("all") === only.length > 0) {
    throw misuse(args.command, "say which secrets: --only NAME,… or --all");
  }
  if (!args.flag("all")) return [...new Set(only.map((name) => canonicalSecretName(name.trim())))];
  return [...session.config.refs.keys()].filter(
    (name) => session.api.explain(session.ask(name)).decision.verdict === "allow",
  );
}

/** Every named secret, or none: one that is denied or absent and the child does not start. */
async function openAll(session: Session, names: readonly string[]): Promise<readonly Secret[]> {
  const secrets = await session.api.openSecrets(names.map((name) => session.ask(name)));
  return secrets.map((secret, index) => {
    if (secret !== undefined) return secret;
    throw new AbsentError(`${quote(names[index] ?? "")} has no value; the command was not started`);
  });
}
