import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { useCanary } from "../support/canary-project.js";
import { makeCanary } from "../support/canary.js";

const timeout = 60_000;

test("export says a value nowhere but where it was asked for", { timeout }, async () => {
  const { run, root, canary, file, quiet, quietly } = await useCanary();
  for (const format of ["dotenv", "systemd"]) {
    expect(await quietly(["export", "--format", format, "--all", "-o", "out"])).toEqual([0]);
  }
  expect(await quietly(["export", "--format", "k8s", "--all", "--name", "app", "-o", "out"])).toEqual([0]);
  expect(canary.filesWith(root)).toEqual([file("out")]);
  const { stdout, stderr } = await run(["export", "--format", "json", "--all", "--verbose"]);
  expect([canary.formsIn(stdout).length > 0, canary.formsIn(stderr)]).toEqual([true, []]);
  const refused: readonly (readonly string[])[] = [
    ["export", "--format", "docker", "--all"],
    ["export", "--format", "k8s", "--all", "--name", "No"],
    ["export", "--format", "dotenv", "--all", "-o", ".key"],
    ["export", "--format", "dotenv", "--all", "-o", "missing/out"],
    ["export", "--format", "dotenv", "--all", "--role", "intern", "--only", "first_key"],
  ];
  for (const argv of refused) {
    const end = await run([...argv, "--verbose"]);
    expect({ argv, status: quiet(end, argv.join(" ")) }).not.toEqual({ argv, status: 0 });
  }
});

test("import says no value, of a file that is right or wrong in any way", { timeout }, async () => {
  const { run, root, canary, file, quiet } = await useCanary();
  const other = makeCanary();
  const body = other.value.split('"')[0] ?? "";
  const json = JSON.stringify(other.value);
  const sources: readonly (readonly [name: string, text: string, status: number])[] = [
    ["whole.json", `{"second_key": ${json}, "first_key": ${json}}`, 2],
    ["nested.json", `{"a": {"b": ${json}}, "c": [${json}], "d": ${json}, "D": ${json}}`, 2],
    ["cut.json", `{"a": ${json.slice(0, -1)}`, 2],
    ["bare.json", body, 2],
    ["list.yaml", `- ${json}\n`, 2],
    ["alias.yaml", `a: *${body}\n`, 2],
    ["tab.yaml", `a: b\n\t${body}\n`, 2],
    ["open.env", `A='${body}\n`, 2],
    ["after.env", `A='x'${body}\n`, 2],
    ["bare.env", `${body}\n`, 2],
    ["hash.env", `third_key=${body}#${body}\n`, 0],
  ];
  for (const [name, text, expected] of sources) {
    writeFileSync(file(name), text);
    chmodSync(file(name), 0o644);
    const end = await run(["import", name, "--json", "--verbose"]);
    const found = [...other.formsIn(end.stdout), ...other.formsIn(end.stderr)];
    expect({ name, found, status: quiet(end, name) }).toEqual({ name, found: [], status: expected });
  }
  const written = sources.map(([name]) => file(name));
  expect(other.filesWith(root).filter((each) => !written.includes(each))).toEqual([]);
  expect(canary.filesWith(root)).toEqual([]);
  expect(readFileSync(file("mxm-secrets.yaml"), "utf8")).toContain("second_key");
});
