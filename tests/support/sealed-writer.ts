import { writeSync } from "node:fs";
import { isSecretsError } from "../../src/errors.js";
import { withLock } from "../../src/files/lock.js";
import { openTestBackend, put, testContext } from "./sealed-store.js";

/**
 * A process that writes to the sealed store of `makeTestStore(DIRECTORY)`:
 * `count PATH FROM` sets numbers for ever and prints each once it is durable; `once PATH VALUE` sets one value; `hold`
 * takes the lock and keeps it. Prints `CODE: MESSAGE` and exits as the command line would.
 */
async function main([directory = "", mode, path = "", value = ""]: readonly string[]): Promise<void> {
  const context = testContext(directory);
  const backend = openTestBackend(context);
  if (mode === "hold") {
    await withLock(`${context.baseDirectory}/secrets.enc`, async () => {
      writeSync(1, "held\n");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });
  }
  if (mode === "once") await put(backend, path, value);
  if (mode !== "count") return;
  for (let number = Number(value); ; number++) {
    await put(backend, path, String(number));
    writeSync(1, `${number}\n`);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!isSecretsError(error)) throw error;
  writeSync(2, `${error.code}: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
