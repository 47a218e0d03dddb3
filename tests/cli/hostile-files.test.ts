import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatRecord } from "../../src/audit/canonical.js";
import { decision, outcome } from "../audit/events.js";
import { useProject } from "../support/project.js";

const timeout = 60_000;
/** What a terminal would act on: control characters but the line feed, and what turns text around. */
const live = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;

test("what somebody wrote into the access log reaches no terminal and forges no line", { timeout }, async () => {
  const { directory, run } = await useProject();
  await run(["init"]);
  const evil = "x\u001b[2J\u009b2J\u202e\u2028\r\n2026-01-01T00:00:00.000Z loader read api_key: value";
  const identity = { role: evil, environment: evil, machine: evil, app: evil, substrate: evil };
  const texts = { id: evil, identity, ref: evil, store: evil, rule: evil, reason: evil };
  const events = [
    decision({ ...texts, principal: evil, reasons: [evil] }),
    outcome({ ...texts, principal: undefined }),
    decision({ ...texts, principal: "loader read api_key: value" }),
  ];
  let previous = "0".repeat(64);
  const lines = events.map((event) => {
    const { line, hash } = formatRecord(event, 0, previous);
    previous = hash;
    return line;
  });
  writeFileSync(join(directory, "audit.jsonl"), lines.join(""), { mode: 0o600 });
  for (const argv of [["tail"], ["query"], ["verify"]]) {
    const text = await run(["audit", ...argv]);
    const said = text.stdout + text.stderr;
    expect(said.replaceAll("\n", "")).not.toMatch(live);
    expect(said).not.toMatch(/^2026/m);
    expect(said).not.toMatch(/^\S+Z loader read/m);
    const json = await run(["audit", ...argv, "--json"]);
    expect((json.stdout + json.stderr).replaceAll("\n", "")).not.toMatch(live);
    expect(() => JSON.parse(json.stdout)).not.toThrow();
  }
  const explained = await run(["explain", "first_key", "--reason", evil]);
  expect((explained.stdout + explained.stderr).replaceAll("\n", "")).not.toMatch(live);
});

test(
  "a named pipe or device in the place of the log or the template is refused and not waited for",
  { timeout },
  async () => {
    const { directory, run, shell } = await useProject();
    await run(["init"]);
    for (const make of ["mkfifo audit.jsonl", "ln -s /dev/zero audit.jsonl", "mkdir audit.jsonl"]) {
      await shell(`rm -rf audit.jsonl; ${make}`);
      for (const verb of ["tail", "query", "verify"]) {
        const { status, stderr } = await run(["audit", verb]);
        expect([status, stderr], `${make} ${verb}`).toEqual([4, expect.stringMatching(/regular file|symbolic link/)]);
      }
    }
    await shell("rm -rf audit.jsonl; sed -i '/^audit:/d' mxm-secrets.yaml");
    expect(readFileSync(join(directory, "mxm-secrets.yaml"), "utf8")).not.toContain("audit:");
    for (const make of ["mkfifo secrets", "ln -s /dev/zero secrets", "truncate -s 2G secrets"]) {
      await shell(`rm -rf secrets; ${make}`);
      const { status, stdout } = await run(["check"]);
      expect([status, stdout], make).toEqual([
        7,
        expect.stringMatching(/`\S*secrets` is (not a regular file|longer than)/),
      ]);
    }
  },
);
