import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeMachine, must, removeMachine, shortDirectory } from "../support/gopass.js";
import { bundleForNode } from "../support/processes.js";
import { isWithoutGpg } from "../support/programs.js";

const canary = "canary-8c02";

/** Decrypts many messages in a process of its own, up to where two gpg are at work. */
async function startDecrypting() {
  const base = shortDirectory();
  const machine = makeMachine(base, "bridge");
  onTestFinished(() => {
    removeMachine(machine);
    rmSync(base, { recursive: true, force: true });
  });
  const entries = join(base, "entries");
  mkdirSync(entries);
  for (let index = 0; index < 20; index++) {
    const argv = ["--batch", "--quiet", "-e", "-r", machine.fingerprint];
    writeFileSync(join(entries, `${index}.gpg`), must(machine, "gpg", argv, `${canary} ${index}`));
  }
  // Begins only when its caller is gone, and says where it was to write, and when it has ended.
  const slow = join(base, "slow");
  const note = join(base, "note");
  writeFileSync(
    slow,
    [
      "#!/bin/sh",
      'case "$*" in *--decrypt-files*) ;; *) exec gpg "$@";; esac',
      'for last in "$@"; do :; done',
      `echo "$last" >>'${note}'`,
      "while kill -0 $PPID 2>/dev/null && [ $(ps -o ppid= -p $$) -ne 1 ]; do sleep 0.02; done",
      'gpg "$@" >/dev/null 2>&1',
      `echo ended >>'${note}'\n`,
    ].join("\n"),
    { mode: 0o755 },
  );
  const script = await bundleForNode("tests/gpg/decrypt-folder.ts", base);
  const child = spawn(process.execPath, [script, entries, slow], { env: machine.environment, stdio: "ignore" });
  const lines = () => (existsSync(note) ? readFileSync(note, "utf8").split("\n").filter(Boolean) : []);
  await expect.poll(() => lines().length, { timeout: 20_000 }).toBe(2);
  const places = lines().map(dirname);
  for (const place of places) onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  return { child, lines, places };
}

describe.skipIf(isWithoutGpg || process.platform !== "linux")("ended while gpg is at work", { timeout: 60_000 }, () => {
  test("by force, it leaves no value in any file, and gpg ends", async () => {
    const { child, lines, places } = await startDecrypting();
    child.kill("SIGKILL");
    await once(child, "exit");
    await expect.poll(() => lines().filter((line) => line === "ended").length, { timeout: 20_000 }).toBe(2);
    for (const place of places) {
      for (const name of readdirSync(place).filter((each) => each.endsWith(".gpg"))) {
        expect(existsSync(join(place, name.replace(/\.gpg$/, "")))).toBe(false);
        expect(readFileSync(join(place, name), "latin1")).not.toContain(canary);
      }
    }
  });

  test.each(["SIGHUP", "SIGINT", "SIGTERM"] as const)("by %s, it leaves nothing at all", async (signal) => {
    const { child, places } = await startDecrypting();
    expect(places.map((place) => existsSync(place))).toEqual([true, true]);
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([null, signal]);
    expect(places.map((place) => existsSync(place))).toEqual([false, false]);
  });
});
