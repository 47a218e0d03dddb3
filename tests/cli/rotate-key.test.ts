import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { useProject } from "../support/project.js";

const timeout = 60_000;

describe("rotate-key of a sealed store", () => {
  test("replaces every identity that the store knows, and keeps the others in the file", { timeout }, async () => {
    const project = await useProject();
    const { run, directory } = project;
    const [stranger, second] = [project.machine("stranger"), project.machine("second")];
    for (const each of [project, stranger, second]) await each.run(["init"]);
    await run(["set", "a_key", "--stdin"], { input: "a" });
    const { recipient } = JSON.parse((await second.run(["keys", "public", "--json"])).stdout) as { recipient: string };
    await run(["keys", "add", "second", recipient, "--principals", "developer"]);
    const lines = [project, stranger, second].map((each) => readFileSync(join(each.directory, ".key"), "utf8"));
    writeFileSync(join(directory, ".key"), lines.join(""));
    expect(await run(["rotate-key"])).toMatchObject({ status: 0 });
    const identities = (text: string) => text.split("\n").filter((line) => line.startsWith("AGE-"));
    const present = identities(readFileSync(join(directory, ".key"), "utf8"));
    expect(present).toHaveLength(2);
    expect(present[1]).toBe(identities(lines[1] ?? "")[0]);
    expect((await run(["get", "a_key"])).stdout).toBe("a\n");
    expect((await run(["keys", "list"])).stdout.match(/recipient/g)).toHaveLength(1);
  });

  test("that was interrupted is told by check, and so are old keys that others can read", { timeout }, async () => {
    const { run, directory } = await useProject();
    const key = join(directory, ".key");
    await run(["init"]);
    await run(["set", "a_key", "--stdin"], { input: "a" });
    const before = readFileSync(key, "utf8");
    await run(["rotate-key"]);
    expect((await run(["check"])).stdout).not.toContain("warning");
    const after = readFileSync(key, "utf8");
    writeFileSync(key, `${before}# mxm-secrets: the key below takes the place of the one above\n${after}`);
    expect(await run(["check"])).toMatchObject({ status: 0, stdout: expect.stringContaining("was interrupted") });
    const { stdout } = await run(["rotate-key", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ finished: true });
    expect(readFileSync(key, "utf8")).toBe(after);
    // The pending key is no post-quantum one, and nothing is encrypted to it.
    writeFileSync(key, `${after}# mxm-secrets: the key below takes the place of the one above\n${before}`);
    expect((await run(["rotate-key", "--post-quantum", "--json"])).stdout).toContain('"recipient": "age1pq1');
    expect((await run(["get", "a_key"])).stdout).toBe("a\n");
    chmodSync(`${key}.old`, 0o644);
    expect(await run(["check"])).toMatchObject({ status: 7, stdout: expect.stringContaining("chmod 600") });
  });

  test("leaves the other keyholders in, and is for writers only", { timeout }, async () => {
    const project = await useProject();
    const reader = project.machine("reader");
    await project.run(["init"]);
    await project.run(["set", "a_key", "--stdin"], { input: "a" });
    const share = () => project.shell("cp mxm-secrets.yaml secrets.enc ../reader/");
    await share();
    const recipient = JSON.parse((await reader.run(["keys", "init", "--json"])).stdout) as {
      readonly recipient: string;
    };
    const added = await project.run(["keys", "add", "reader", recipient.recipient, "--principals", "developer"]);
    expect(added).toMatchObject({ status: 0 });
    const before = readFileSync(join(project.directory, ".key"), "utf8");
    const elsewhere = ["rotate-key", "--config", join(project.directory, "mxm-secrets.yaml")];
    expect(await project.run(elsewhere, { cwd: project.home })).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`is in ${join(project.directory, ".key.old")}: `),
    });
    await share();
    expect((await reader.run(["get", "a_key"])).stdout).toBe("a\n");
    for (const argv of [["rotate-key"], ["migrate", "--to", "fernet", "--yes"]]) {
      const end = await reader.run(argv);
      expect({ argv, ...end }).toMatchObject({
        argv,
        status: 3,
        stderr: expect.stringMatching(/^mxm-secrets: this key may not change/),
      });
    }
    expect((await reader.run(["get", "a_key"])).stdout).toBe("a\n");
    expect(await project.run(["check"])).toMatchObject({ status: 0 });
    // The old key opens the new file no more.
    writeFileSync(join(project.directory, ".key"), before);
    expect(await project.run(["get", "a_key"])).toMatchObject({ status: 5 });
    expect(await project.run(["set", "a_key", "--stdin"], { input: "b" })).toMatchObject({ status: 3 });
  });
});
