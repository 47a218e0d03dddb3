import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { useFiles, useOlder } from "../support/older-project.js";
import { makeOlderStore } from "../support/older-store.js";

const timeout = 60_000;

describe("a migration", () => {
  test("does not call a store migrated that is damaged or missing", { timeout }, async () => {
    const { run, file, shell } = await useOlder({ A_KEY: "a" });
    await run(["init"]);
    const token = readFileSync(file("secrets.enc"), "latin1");
    writeFileSync(file("secrets.enc"), token.slice(0, -4));
    expect(await run(["migrate", "--to", "fernet"])).toMatchObject({ status: 6 });
    writeFileSync(file("secrets.enc"), "");
    expect(await run(["migrate"])).toMatchObject({ status: 6 });
    await shell("rm secrets.enc");
    expect(await run(["migrate"])).toMatchObject({ status: 4 });
  });

  test("loses nothing that is set meanwhile", { timeout }, async () => {
    const { run } = await useOlder({ KEPT: "kept" });
    await run(["init"]);
    const names = Array.from({ length: 5 }, (_, index) => `key_${index}`);
    const sets = names.map((name) => run(["set", name, "--stdin"], { input: name }));
    const [migrated, ...ends] = await Promise.all([run(["migrate"]), ...sets]);
    expect(migrated).toMatchObject({ status: 0 });
    for (const end of ends) expect(end).toMatchObject({ status: 0, stderr: "" });
    const { stdout } = await run(["export", "--all", "--format", "json"]);
    const expected = Object.fromEntries(["kept", ...names].map((name) => [name.toUpperCase(), name]));
    expect(JSON.parse(stdout)).toEqual(expected);
    expect((await run(["check"])).stdout).toContain("enforcement cryptographic");
  });

  test("that somebody else made is not taken on another machine until somebody looks at it", { timeout }, async () => {
    const project = await useOlder({ A_KEY: "a" });
    const other = project.machine("other");
    await project.run(["init"]);
    await project.shell("cp -p mxm-secrets.yaml secrets.enc .key ../other/");
    expect((await other.run(["get", "a_key"])).stdout).toBe("a\n");
    expect(await project.run(["migrate"])).toMatchObject({ status: 0 });
    await project.shell("cp mxm-secrets.yaml secrets.enc ../other/");
    expect(await other.run(["get", "a_key"])).toMatchObject({
      status: 6,
      stderr: expect.stringContaining("another store is in the place"),
    });
    expect(await other.run(["trust", "--store", "local", "--yes"])).toMatchObject({ status: 0 });
    expect(await other.run(["get", "a_key"])).toMatchObject({
      status: 5,
      stderr: expect.stringContaining("holds a key of the older format"),
    });
  });

  test("goes through no link that a checkout brought", { timeout }, async () => {
    const { run, shell } = await useOlder({ A_KEY: "a" });
    await run(["init"]);
    await shell("ln -s ../elsewhere .key.old");
    expect(await run(["migrate"])).toMatchObject({ status: 2, stderr: expect.stringContaining("symbolic link") });
    await shell("rm .key.old; mv .key ../kept; ln -s ../kept .key");
    expect((await run(["get", "a_key"])).stdout).toBe("a\n");
    expect(await run(["rotate-key"])).toMatchObject({ status: 2, stderr: expect.stringContaining("symbolic link") });
  });

  test("names what had no name, under the policy given, and says what can have none", { timeout }, async () => {
    const { run, file } = await useOlder({ A_KEY: "a", B_KEY: "b", "1PASSWORD": "c" });
    await run(["init"]);
    const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
    const other = "  strict: { allowed_principals: [operator], actions: [read, write] }\n";
    writeFileSync(
      file("mxm-secrets.yaml"),
      text.replace(/ {2}b_key:.*\n/, "").replace("policies:\n", `policies:\n${other}`),
    );
    expect(await run(["migrate", "--policy", "nobody"])).toMatchObject({ status: 2 });
    const { status, stdout } = await run(["migrate", "--policy", "strict", "--json"]);
    expect({ status, said: JSON.parse(stdout) }).toMatchObject({
      status: 0,
      said: { format: "sealed", values: 3, added: ["b_key"], unnamed: ["1password"] },
    });
    expect((await run(["get", "a_key"])).stdout).toBe("a\n");
    expect((await run(["get", "b_key"])).status).toBe(3);
    expect((await run(["get", "b_key", "--role", "operator"])).stdout).toBe("b\n");
    expect((await run(["keys", "list"])).stdout).toMatch(
      /compartment default {2}1 secret\n[^]*compartment strict {2}2 secrets/,
    );
  });

  test("of a second store leaves the keyholder of the first alone", { timeout }, async () => {
    const { run, directory, file, shell } = await useFiles();
    await run(["init"]);
    await run(["set", "first_key", "--stdin"], { input: "first" });
    await shell("mkdir older");
    makeOlderStore(join(directory, "older"), { SECOND_KEY: "second" });
    const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
    const store = "  older: { backend: sealed, path: older/secrets.enc }\n";
    writeFileSync(file("mxm-secrets.yaml"), text.replace("stores:\n", `stores:\n${store}`));
    expect(await run(["trust", "--store", "older", "--yes"])).toMatchObject({ status: 0 });
    expect(await run(["migrate", "--store", "older"])).toMatchObject({ status: 0 });
    const values = async (): Promise<unknown> =>
      JSON.parse((await run(["export", "--all", "--format", "json"])).stdout) as unknown;
    expect(await values()).toEqual({ FIRST_KEY: "first", SECOND_KEY: "second" });
    expect(readFileSync(file("mxm-secrets.yaml"), "utf8")).toContain("_older:\n    age: age1");
    expect(await run(["rotate-key", "--store", "local"])).toMatchObject({ status: 0 });
    expect(await values()).toEqual({ FIRST_KEY: "first", SECOND_KEY: "second" });
  });

  test("refuses a key that another store has too", { timeout }, async () => {
    const { run, file } = await useOlder({ A_KEY: "a" });
    await run(["init"]);
    const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
    writeFileSync(
      file("mxm-secrets.yaml"),
      text.replace("stores:\n", "stores:\n  second: { backend: sealed, path: second.enc }\n"),
    );
    for (const argv of [
      ["migrate", "--store", "local"],
      ["rotate-key", "--store", "local"],
    ]) {
      const said = expect.stringContaining("is also the key of store `second`");
      expect(await run(argv)).toMatchObject({ status: 2, stderr: said });
    }
    expect((await run(["get", "a_key"])).stdout).toBe("a\n");
  });
});
