import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { useProject } from "../support/project.js";
import { mayRun, openTerminal } from "../support/terminal.js";

const timeout = 60_000;

/** Says the exit code, and how the terminal was left. */
const afterwards = '; echo "code=$?"; stty -a';
const sane = /(?<!-)\bicanon\b[^]*(?<!-)\becho\b/;

/** A project that requires three values. */
async function useUnfilled() {
  const project = await useProject();
  await project.run(["init"]);
  const file = (name: string) => join(project.directory, name);
  writeFileSync(file("secrets"), "# head\n\n# from the console\nOPENAI_API_KEY=\nDATABASE_URL=\n");
  writeFileSync(file("formation.afs"), "llm:\n  key: ${{ secrets.OPENAI_API_KEY }}\n  other: ${{ secrets.OTHER }}\n");
  const get = async (name: string) => (await project.run(["get", name, "-n"])).stdout;
  return { ...project, file, get, open: (script: string) => openTerminal(project, script + afterwards) };
}

describe.skipIf(!mayRun)("setup on a terminal", () => {
  test("asks for each value unseen, says what it is for, and goes on after Ctrl-C", { timeout }, async () => {
    const { open, get, directory, home, run } = await useUnfilled();
    const first = open("mxm-secrets setup");
    await first.see("OPENAI_API_KEY (1 of 3)");
    await first.see("from the console");
    await first.see("used by llm.key in formation.afs:2");
    await first.see("value: ");
    first.type(" pasted value with  spaces \r");
    await first.see("begins or ends with white space, which is kept");
    await first.see("DATABASE_URL (2 of 3)");
    await first.see("value: ");
    first.type("half\x03");
    await first.see("cancelled at the prompt; 1 of 3 values were stored, and `mxm-secrets setup` asks for the rest");
    await first.see("code=130");
    const { screen } = await first.end();
    expect(screen).not.toMatch(/pasted|half/);
    expect(screen).toMatch(sane);
    expect(await get("openai_api_key")).toBe(" pasted value with  spaces ");

    const second = open("mxm-secrets setup");
    await second.see("DATABASE_URL (1 of 2)");
    await second.see("value: ");
    second.type("\r");
    await second.see("left out");
    await second.see("OTHER (2 of 2)");
    await second.see("used by llm.other in formation.afs:3");
    await second.see("value: ");
    second.type("changeme\r");
    await second.see("that looks like a placeholder");
    await second.see("value: ");
    second.type("the real one\r");
    await second.see("stored: OTHER");
    await second.see("still missing: DATABASE_URL");
    await second.see("code=1");
    expect((await second.end()).screen).not.toMatch(/OPENAI_API_KEY|changeme|real one/);
    expect(await get("other")).toBe("the real one");
    expect(await get("openai_api_key")).toBe(" pasted value with  spaces ");
    expect((await run(["list"])).stdout).toBe("openai_api_key\nother\n");
    expect(readdirSync(directory).filter((name) => /lock|tmp/.test(name))).toEqual([]);
    expect(readdirSync(join(home, "tmp"))).toEqual([]);
  });

  test("shows nothing of what is typed or pasted at the wrong moment, and stores none of it", { timeout }, async () => {
    const { open, file, get } = await useUnfilled();
    const before = readFileSync(file("secrets.enc"));
    const ways: readonly (readonly [string, number, string])[] = [
      ["line one\rline two\rline three\r", 2, "more than one line was pasted; 0 of 3 values were stored"],
      ["\x04", 4, "the input ended at the prompt; 0 of 3 values were stored"],
      ["arrow\x1b[A", 2, "a key was pressed that is no text; 0 of 3 values were stored"],
    ];
    const leave = async ([keys, code, message]: (typeof ways)[number]) => {
      const terminal = open("mxm-secrets setup");
      await terminal.see("value: ");
      terminal.type(keys);
      await terminal.see(message);
      if (code === 2) await terminal.see("with `mxm-secrets set NAME --file FILE`");
      await terminal.see(`code=${code}`);
      const { screen } = await terminal.end();
      expect(screen).not.toMatch(/line (one|two|three)|arrow/);
      expect(screen).toMatch(sane);
    };
    await Promise.all(ways.map(leave));
    expect(readFileSync(file("secrets.enc"))).toEqual(before);

    // What is typed while a value is stored belongs to no prompt, and is not echoed either.
    const terminal = open("mxm-secrets setup");
    await terminal.see("value: ");
    terminal.type("v1-x\r");
    await terminal.see("\r\n");
    for (const typed of ["a", "h", "e", "a", "d"]) terminal.type(typed);
    await terminal.see("value: ");
    terminal.type("\x15v2-x\r");
    await terminal.see("value: ");
    terminal.type("v3-x\r");
    await terminal.see("all 3 required names have values");
    await terminal.see("code=0");
    const { screen } = await terminal.end();
    expect(screen).not.toMatch(/v\d-x|ahead/);
    expect(screen).toMatch(sane);
    expect([await get("openai_api_key"), await get("database_url"), await get("other")]).toEqual([
      "v1-x",
      "v2-x",
      "v3-x",
    ]);
  });

  test("says what may not be written instead of asking for it, and asks for the rest", { timeout }, async () => {
    const { open, file, get } = await useUnfilled();
    const denying =
      "refs:\n  database_url: { store: local, policy: readers }\n\npolicies:\n  readers: { allowed_principals: [developer], actions: [read] }\n";
    const before = readFileSync(file("mxm-secrets.yaml"), "utf8");
    writeFileSync(file("mxm-secrets.yaml"), before.replace(/^refs:.*\n/m, "").replace(/^policies:\n/m, denying));
    const terminal = open("mxm-secrets setup");
    await terminal.see("value: ");
    terminal.type("v1-x\r");
    await terminal.see("DATABASE_URL (2 of 3)");
    await terminal.see("not asked for: `developer` may not write `database_url`");
    await terminal.see("OTHER (3 of 3)");
    await terminal.see("value: ");
    terminal.type("v2-x\r");
    await terminal.see("still missing: DATABASE_URL");
    await terminal.see("code=3");
    expect((await terminal.end()).screen).toMatch(sane);
    expect([await get("openai_api_key"), await get("other")]).toEqual(["v1-x", "v2-x"]);
  });

  test("asks for the passphrase of the key once", { timeout }, async () => {
    const project = await useProject();
    const env = { MXM_SECRETS_PASSPHRASE: "of the test" };
    expect(await project.run(["init", "--passphrase"], { env })).toMatchObject({ status: 0 });
    writeFileSync(join(project.directory, "secrets"), "A=\nB=\n");
    const terminal = openTerminal(project, `mxm-secrets setup${afterwards}`);
    await terminal.see("passphrase of ");
    await terminal.see(": ");
    terminal.type("of the test\r");
    for (const name of ["A", "B"]) {
      await terminal.see(`${name} (`);
      await terminal.see("value: ");
      terminal.type(`v-${name}-x\r`);
    }
    await terminal.see("all 2 required names have values");
    await terminal.see("code=0");
    const { screen } = await terminal.end();
    expect(screen.split("passphrase of ")).toHaveLength(2);
    expect(screen).not.toMatch(/of the test|v-[AB]-x/);
    expect(screen).toMatch(sane);
    expect((await project.run(["get", "b", "-n"], { env })).stdout).toBe("v-B-x");
  });

  test("sync --prune asks, and only yes is yes", { timeout }, async () => {
    const { open, file } = await useUnfilled();
    const answer = async (keys: string, code: number) => {
      const terminal = open("mxm-secrets sync --prune");
      await terminal.see("remove this name from the template: DATABASE_URL? [y/N] ");
      terminal.type(keys);
      await terminal.see(`code=${code}`);
      expect((await terminal.end()).screen).toMatch(sane);
      return readFileSync(file("secrets"), "utf8");
    };
    expect(await answer("\x03", 130)).not.toContain("OTHER=");
    const kept = await answer("\r", 0);
    expect(kept).toContain("DATABASE_URL=");
    expect(kept).toContain("OTHER=");
    expect(await answer("y\r", 0)).not.toContain("DATABASE_URL=");
  });
});
