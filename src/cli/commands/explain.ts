import { actions } from "../../domain/policy.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import type { AskedStore } from "../../resolution/api-types.js";
import { sourcedFields } from "../own-identity.js";
import { requireSession } from "../session.js";
import { writeJson, writeLines } from "../terminal.js";

/** `explain NAME`: the decision this caller would get, why, and what would change it. Contacts no store. */
export async function run(args: Arguments): Promise<number> {
  const [name = ""] = args.positionals;
  const wanted = args.option("action") ?? "read";
  const action = actions.find((known) => known === wanted);
  if (action === undefined) throw misuse(args.command, "--action: expected read or write");
  const session = await requireSession(args);
  const explanation = session.api.explain({ ...session.ask(name), action });
  const identity = sourcedFields(session.identity.identity, session.identitySources);
  if (args.flag("json")) {
    writeJson({ ...explanation, identity });
    return 0;
  }
  const { decision, change } = explanation;
  const changes = change.map((line) => `${decision.verdict === "allow" ? "to deny it" : "to allow it"}: ${line}`);
  const rows: readonly (readonly [string, string])[] = [
    [decision.verdict, `${explanation.action} ${explanation.secretName}`],
    ["rule", decision.rule],
    ...decision.reasons.map((reason) => ["because", reason] as const),
    ["store", `${explanation.store} (${explanation.backend}, enforcement ${explanation.enforcement})`],
    ...explanation.asks.map((asked) => ["asks", describeAsked(asked)] as const),
    ["policy", explanation.policy],
    ["principal", explanation.principal ?? "none: no rule in principals matches"],
    ["assurance", decision.assurance],
    ...identity.map(({ field, value, source }) => [field, `${value}  (${source})`] as const),
    ...changes.map((line) => ["change", line] as const),
  ];
  writeLines(rows.map(([label, text]) => `${label.padEnd(12)} ${text}`));
  return 0;
}

function describeAsked({ store, backend, enforcement, position, cannotHold, receivesWrites }: AskedStore): string {
  const remarks = [
    ...(receivesWrites ? ["receives writes"] : []),
    ...(cannotHold === undefined ? [] : [`passed over: ${cannotHold}`]),
  ];
  const what = `${position.join(".")} ${store} (${backend}, enforcement ${enforcement})`;
  return [what, ...remarks].join("; ");
}
