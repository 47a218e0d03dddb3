import { chmodSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endOf, useProject } from "../support/project.js";

const timeout = 300_000;
const rounds = 60;

test(
  "a render that is killed at any moment leaves the old file or the new one, and nothing that others can read",
  { timeout },
  async () => {
    const { run, start, directory } = await useProject();
    await run(["init"]);
    const value = "v".repeat(50_000);
    await run(["set", "long_key", "--stdin"], { input: value });
    writeFileSync(join(directory, "a.conf"), "x ${{ secrets.LONG_KEY }}\n".repeat(40));
    const whole = `x ${value}\n`.repeat(40);
    const output = join(directory, "out");
    const started = performance.now();
    expect(await run(["render", "a.conf", "-o", "out"])).toMatchObject({ status: 0, stderr: "" });
    // Moves to the moment of writing and stays around it, however quick this machine is.
    let delay = performance.now() - started;
    let finished = 0;
    for (let round = 0; round < rounds; round++) {
      writeFileSync(output, "old");
      chmodSync(output, 0o644);
      const child = start(["render", "a.conf", "-o", "out"], ["ignore", "pipe", "pipe"]);
      const killing = setTimeout(() => child.kill("SIGKILL"), delay);
      const { status } = await endOf(child);
      clearTimeout(killing);
      if (status === 0) finished++;
      delay *= status === 0 ? 0.95 : 1.04;
      const text = readFileSync(output, "utf8");
      const mode = statSync(output).mode & 0o777;
      const isSound = (text === whole && mode === 0o600) || (status !== 0 && text === "old" && mode === 0o644);
      expect({ round, status, length: text.length, mode, isSound }).toMatchObject({ isSound: true });
    }
    expect(finished).toBeGreaterThan(0);
    expect(finished).toBeLessThan(rounds);
    const left = readdirSync(directory).filter((name) => /^out\.[0-9a-f]{12}\.tmp$/.test(name));
    for (const name of left) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    const usual = [
      ".gitattributes",
      ".gitignore",
      ".key",
      "a.conf",
      "mxm-secrets.yaml",
      "out",
      "secrets",
      "secrets.enc",
    ];
    const others = readdirSync(directory).filter((name) => !left.includes(name) && !name.startsWith("audit.jsonl"));
    expect(others.toSorted()).toEqual(usual);
  },
);

test(
  "a render that is asked to end while it writes finishes the file and leaves nothing beside it",
  { timeout },
  async () => {
    const { run, start, directory } = await useProject();
    await run(["init"]);
    const value = "v".repeat(60_000);
    await run(["set", "long_key", "--stdin"], { input: value });
    writeFileSync(join(directory, "a.conf"), "x ${{ secrets.LONG_KEY }}\n".repeat(800));
    const isBegun = () => readdirSync(directory).some((name) => name.startsWith("out."));
    /** Sends the signal as soon as the file is begun. Where that was too late, the command ends with 0. */
    const interrupted = async (signal: NodeJS.Signals) => {
      const child = start(["render", "a.conf", "-o", "out"], ["ignore", "pipe", "pipe"]);
      const watching = watch(directory, () => {
        if (!isBegun()) return;
        watching.close();
        child.kill(signal);
      });
      const end = await endOf(child);
      watching.close();
      expect({ signal, isLeft: isBegun() }).toEqual({ signal, isLeft: false });
      expect(statSync(join(directory, "out")).size).toBe(48_002_400);
      rmSync(join(directory, "out"));
      return end;
    };
    const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 } as const;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
      let end = await interrupted(signal);
      for (let attempt = 0; end.status === 0 && attempt < 10; attempt++) end = await interrupted(signal);
      expect(end).toMatchObject({ status: signals[signal], stdout: "" });
      expect(end.stderr).toContain(`ended by ${signal}`);
    }
  },
);
