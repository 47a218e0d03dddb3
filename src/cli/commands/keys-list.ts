import { describeStore } from "../../sealed/list.js";
import type { Arguments } from "../arguments.js";
import { shortRecipient } from "../short-recipient.js";
import { sealedStoreOf } from "../sealed-store.js";
import { requireConfiguration } from "../session.js";
import { writeJson, writeLines } from "../terminal.js";

/** `keys list`: the writers and, for each compartment, who can decrypt it. Needs no key. */
export async function listKeys(args: Arguments): Promise<number> {
  const { place } = sealedStoreOf(await requireConfiguration(args), args);
  const description = await describeStore(place);
  if (args.flag("json")) {
    writeJson(description);
    return 0;
  }
  const lines = [
    `writers fingerprint  ${description.fingerprint}`,
    ...description.writers.map(({ name, key }) => `writer     ${name}  ${key}`),
    ...description.compartments.flatMap(({ policy, secrets, recipients }) => [
      `compartment ${policy}  ${secrets} ${secrets === 1 ? "secret" : "secrets"}`,
      ...recipients
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, recipient }) => `  recipient ${name}  ${shortRecipient(recipient)}`),
    ]),
  ];
  writeLines(lines);
  return 0;
}
