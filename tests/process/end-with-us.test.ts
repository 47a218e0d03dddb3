import { expect, test } from "vitest";
import { endWithUs } from "../../src/process/end-with-us.js";

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
