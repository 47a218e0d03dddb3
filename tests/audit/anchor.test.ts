import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openAuditLog } from "../../src/audit/log.js";
import { scratchDirectory } from "../support/directory.js";
import { decision } from "./events.js";

it.each(["state", "state/audit"])("an anchor that others could have set, in %s, is not used", async (open) => {
  const directory = scratchDirectory();
  const stateDirectory = join(directory, "state");
  mkdirSync(join(stateDirectory, "audit"), { recursive: true, mode: 0o700 });
  const log = openAuditLog({ file: join(directory, "audit.jsonl"), stateDirectory, now: () => 0 });
  await log.append(decision());
  chmodSync(join(directory, open), 0o777);
  await expect(log.append(decision())).rejects.toMatchObject({
    code: "unavailable",
    hint: expect.stringContaining(`chmod 700 ${join(directory, open)}`),
  });
});
