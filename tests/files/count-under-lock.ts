import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { withLock } from "../../src/files/lock.js";

/** Increments the number in a file, each time under its lock; may die inside. Arguments: file, times, chance of death. */
const [file = "", times = "0", chance = "0"] = process.argv.slice(2);

for (let i = 0; i < Number(times); i++) {
  await withLock(file, async () => {
    const count = Number(readFileSync(file, "utf8"));
    if (Math.random() < Number(chance)) process.kill(process.pid, "SIGKILL");
    await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(file, String(count + 1));
    appendFileSync(`${file}.done`, "+");
    if (Math.random() < Number(chance)) process.kill(process.pid, "SIGKILL");
  });
}
