import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endOf, useProject } from "../support/project.js";

const timeout = 300_000;
const rounds = 25;

test(
  "a setup or sync that is killed at any moment leaves whole files, and is finished by the next",
  { timeout },
  async () => {
    const { run, start, directory } = await useProject();
    await run(["init"]);
    const file = (name: string) => join(directory, name);
    const head = "# head\r\n\r\n# a comment that stays\r\nKEPT=\r\n";
    writeFileSync(file("secrets"), head);
    await run(["set", "kept", "--stdin"], { input: "kept" });
    const killed = async (argv: readonly string[], milliseconds: number): Promise<boolean> => {
      const child = start(argv, ["pipe", "pipe", "pipe"]);
      const killing = setTimeout(() => child.kill("SIGKILL"), milliseconds);
      const { status } = await endOf(child);
      clearTimeout(killing);
      return status === 137;
    };
    let kills = 0;
    const names: string[] = [];
    for (let round = 0; round < rounds; round++) {
      names.push(`key_${round}_a`, `key_${round}_b`);
      writeFileSync(file("formation.afs"), names.map((name) => `${name}: \${{ secrets.${name} }}\n`).join(""));
      writeFileSync(file(".env"), names.map((name) => `${name}=value of ${name}\n`).join(""), { mode: 0o600 });
      if (await killed(["sync"], 30 + ((round * 41) % 120))) kills++;
      const template = readFileSync(file("secrets"), "utf8");
      expect(template.startsWith(head) && template.endsWith("\r\n")).toBe(true);
      if (await killed(["setup", "--from", ".env"], 60 + ((round * 53) % 240))) kills++;
      expect(await run(["get", "kept", "-n"])).toMatchObject({ status: 0, stdout: "kept" });
      expect((await run(["audit", "verify"])).status).toBe(0);
    }
    expect(kills).toBeGreaterThan(0);
    expect(await run(["sync"])).toMatchObject({ status: 0 });
    expect(await run(["setup", "--from", ".env"])).toMatchObject({ status: 0 });
    for (const name of names) expect(readFileSync(file("secrets"), "utf8")).toContain(`\r\n${name.toUpperCase()}=\r\n`);
    for (const name of names.slice(-4)) expect((await run(["get", name, "-n"])).stdout).toBe(`value of ${name}`);
    expect(await run(["check"])).toMatchObject({ status: 0 });
    const left = readdirSync(directory).filter((name) => /lock|tmp/.test(name));
    expect(left.filter((name) => !/^(secrets|secrets\.enc|mxm-secrets\.yaml)\.[0-9a-f]+\.tmp$/.test(name))).toEqual([]);
  },
);
