import { setTimeout } from "node:timers/promises";
import { endAfterCleaning } from "../../src/process/end-with-us.js";
import { runProgram } from "../../src/process/run-program.js";

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Gets a signal that would end it, starts a program, and then cleans up. Says what becomes of each. */
const cleaned = endAfterCleaning();
process.kill(process.pid, "SIGTERM");
await setTimeout(50);
const call = { environment: { PATH: process.env["PATH"] ?? "" }, timeoutMilliseconds: 60_000, maximumOutputBytes: 1 };
await runProgram({ argv: ["sleep", "60"], ...call }).catch((error: unknown) => say(String(error)));
say("cleaning");
cleaned();
say("still there");
