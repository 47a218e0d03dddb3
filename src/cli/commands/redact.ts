import { AccessDeniedError } from "../../errors.js";
import { createRedactor } from "../../redaction/redactor.js";
import type { Redactor } from "../../redaction/redactor.js";
import type { Arguments } from "../arguments.js";
import { allowedNames, selectNames } from "../select-secrets.js";
import { requireSession } from "../session.js";
import type { Session } from "../session.js";
import { readStandardInput } from "../standard-input.js";
import { say, writeOutput } from "../terminal.js";

/**
 * `redact`: standard input to standard output, with the values masked. Nothing is read or printed before every value is
 * there; what passes is printed as soon as it cannot be the beginning of a value.
 */
export async function run(args: Arguments): Promise<number> {
  const session = await requireSession(args);
  const redactor = await redactorFor(session, selectedNames(session, args), args.flag("verbose"));
  const stream = redactor.open();
  try {
    for await (const chunk of readStandardInput()) {
      if (!writeOutput(stream.write(chunk))) return 0;
    }
  } finally {
    // What was held back is the input's all the same when the input breaks off.
    writeOutput(stream.end());
  }
  return 0;
}

/** Without a choice, all that this caller may read: the more is masked, the better. */
function selectedNames(session: Session, args: Arguments): readonly string[] {
  const isChosen = args.optionList("only").length > 0 || args.option("for") !== undefined || args.flag("all");
  const names = isChosen ? selectNames(session, args).names : allowedNames(session);
  if (names.length > 0) return names;
  if (session.config.refs.size === 0) {
    say("mxm-secrets: there are no secrets; nothing is masked");
    return names;
  }
  throw new AccessDeniedError("the policies give this caller no secret, so that nothing would be masked", {
    hint: "`mxm-secrets explain NAME` shows why",
  });
}

async function redactorFor(session: Session, names: readonly string[], isVerbose: boolean): Promise<Redactor> {
  const secrets = await session.api.openSecrets(names.map((name) => session.ask(name)));
  const redactor = createRedactor();
  for (const [index, secret] of secrets.entries()) {
    if (secret !== undefined) redactor.add(secret);
    else if (isVerbose) say(`${names[index] ?? ""} has no value: there is nothing to mask`);
  }
  for (const name of redactor.unmasked) {
    say(`mxm-secrets: the value of ${name} is shorter than 4 characters and is not masked`);
  }
  return redactor;
}
