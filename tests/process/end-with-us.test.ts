import { expect, test } from "vitest";
import { endWithUs } from "../../src/process/end-with-us.js";
import { scratchDirectory } from "../support/directory.js";
import { bundleForNode, startNode } from "../support/processes.js";

test("a process that listens for a signal itself decides what becomes of the program", () => {
  const counts = () => ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"].map((name) => process.listenerCount(name));
  const before = counts();
  const heard: string[] = [];
  const listen = (signal: string) => void heard.push(signal);
  process.on("SIGHUP", listen);
  const stopped: string[] = [];
  const first = endWithUs((signal) => stopped.push(signal));
  const second = endWithUs((signal) => stopped.push(signal));
  process.emit("SIGHUP", "SIGHUP");
  first();
  process.emit("SIGHUP", "SIGHUP");
  second();
  second();
  process.off("SIGHUP", listen);
  expect({ heard, stopped }).toEqual({ heard: ["SIGHUP", "SIGHUP"], stopped: [] });
  expect(counts()).toEqual(before);
});

test.skipIf(process.platform === "win32")(
  "a signal ends the process when it has cleaned up, and what it starts until then is ended at once",
  async () => {
    const script = await bundleForNode("tests/process/start-while-ending.ts", scratchDirectory());
    expect(await startNode(script).ended).toMatchObject({
      signal: "SIGTERM",
      stdout: "CancelledError: ended by SIGTERM\ncleaning\n",
    });
  },
);
