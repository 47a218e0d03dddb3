import { openAuditLog } from "../../src/audit/log.js";
import { decision } from "./events.js";

/** Appends so many records. Arguments: log, state directory, times, name. Prints a line feed after each. */
const [file = "", stateDirectory = "", times = "0", machine = ""] = process.argv.slice(2);
const log = openAuditLog({ file, stateDirectory, now: Date.now });

for (let i = 0; i < Number(times); i++) {
  await log.append(decision({ identity: { role: "loader", environment: "dev", machine } }));
  process.stdout.write("\n");
}
