import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { sendSignal } from "../../../src/delivery/run/send-signal.js";

test("a process gets the signal, and one that has ended is told by the answer and not by an error", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const { pid = 0 } = child;
  expect(sendSignal(pid, "SIGTERM")).toBe(true);
  await once(child, "exit");
  expect(child.signalCode).toBe("SIGTERM");
  expect(sendSignal(pid, "SIGTERM")).toBe(false);
});
