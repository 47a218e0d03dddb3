import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allCommands } from "../../src/cli/commands.js";
import { useProject } from "../support/project.js";
import type { Project } from "../support/project.js";

/*
 * What a stranger could put into a repository so that it runs something on the machine of whoever clones it, and every
 * command that person might then try: nothing of it may run.
 */

/** What a person would type, by command; the same commands must be here as there are. */
const calls: Readonly<Record<string, readonly (readonly string[])[]>> = {
  get: [["first_key"], ["second_key"], ["third_key", "--verbose"], ["no_such_name"]],
  set: [
    ["first_key", "--stdin"],
    ["new_key", "--stdin"],
  ],
  list: [[], ["--json"]],
  rm: [["first_key", "--yes"]],
  mv: [["first_key", "other_key"]],
  edit: [["first_key"]],
  explain: [["first_key"]],
  run: [
    ["--only", "first_key", "--", "true"],
    ["--all", "--", "true"],
  ],
  exec: [["--only", "first_key", "--", "true"]],
  render: [["template.txt", "-o", "filled.txt"]],
  export: [["--format", "json", "--all"]],
  import: [["values.env"], ["--from-store", "red"]],
  redact: [[]],
  scan: [[], ["--staged"], ["--history"]],
  inventory: [[]],
  setup: [["--from", "values.env", "--yes"]],
  sync: [["--yes"], ["--check"]],
  types: [[]],
  init: [[], ["--force"]],
  check: [[], ["--json"]],
  doctor: [[], ["--json"]],
  audit: [["tail"], ["verify"]],
  keys: [["list"], ["show"], ["add", "bob", "--yes"], ["rotate"]],
  "rotate-key": [["--yes"]],
  migrate: [["--yes"], ["--to", "fernet", "--yes"]],
  trust: [[], ["--list"], ["--revoke"]],
  merge: [["secrets.enc", "secrets.enc", "secrets.enc"]],
  diff: [["secrets.enc"]],
  completion: [["bash"]],
};

const names = (await allCommands()).map(({ name }) => name);

async function hostileClone(atEnd?: (forget: () => void) => void): Promise<Project> {
  const project = await useProject(atEnd);
  const write = (name: string, text: string, mode = 0o644): void => {
    writeFileSync(join(project.directory, name), text);
    chmodSync(join(project.directory, name), mode);
  };
  await project.shell("git init --quiet");
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "value" });
  // Found where PATH has the working directory, and named by the configuration.
  mkdirSync(join(project.directory, "bin"));
  for (const name of ["git", "gopass", "gpg", "stty", "mkfifo", "cat", "evil", "sops", "age", "pass", "op"]) {
    for (const place of [name, `bin/${name}`]) write(place, `#!/bin/sh\n: > "${project.home}/RAN"\n`, 0o755);
  }
  write("template.txt", "a: ${{ secrets.FIRST_KEY }}\n");
  write("values.env", "FIRST_KEY=x\n");
  chmodSync(join(project.directory, "values.env"), 0o600);
  write(
    "mxm-secrets.yaml",
    `version: 1
stores:
  local: { backend: sealed, path: secrets.enc, key: { command: [./evil] } }
  protected: { backend: sealed, path: other.enc, key: { file: .key, passphrase: { command: [evil] } } }
  red: { backend: gopass, program: ./evil }
  blue: { backend: gopass }
  both: { backend: chain, stores: [blue, red, local], write_to: local }
refs:
  first_key: { store: both, policy: all }
  second_key: { store: local, policy: proved }
  third_key: { store: blue, policy: all }
policies:
  all: { allowed_principals: [developer], actions: [read, write] }
  proved: { allowed_principals: [developer], min_assurance: verified }
keyholders:
  bob: { age: ${recipientIn(project)}, principals: [developer], write: true }
defaults: { store: local, policy: all }
identity: { environment: dev, role: developer }
`,
  );
  return project;
}

function recipientIn({ directory }: Project): string {
  const [recipient = ""] = /age1[0-9a-z]+/.exec(readFileSync(join(directory, "mxm-secrets.yaml"), "utf8")) ?? [];
  return recipient;
}

describe("in an untrusted clone nothing is run by", () => {
  let clone: Project;
  let forget: () => void;
  beforeAll(async () => {
    clone = await hostileClone((end) => (forget = end));
  });
  afterAll(() => forget());

  test.each(names)("%s", async (name) => {
    const rows = calls[name];
    if (rows === undefined) throw new Error(`say in this test what a person would type for \`${name}\``);
    const relative = `.:./bin::bin:${clone.environment["PATH"]}`;
    const inProject = `${join(clone.directory, "bin")}:${clone.environment["PATH"]}`;
    for (const argv of rows) {
      for (const PATH of name === "scan" || name === "init" ? [relative] : [relative, inProject]) {
        const { status, stderr } = await clone.run([name, ...argv], {
          env: { PATH, EDITOR: "/bin/true" },
          input: "value",
        });
        expect({ argv, ran: existsSync(join(clone.home, "RAN")) }).toEqual({ argv, ran: false });
        expect({ argv, status, stderr }).not.toMatchObject({ status: 70 });
      }
    }
  });

  test("the stores, which say what they would run and how they are allowed to", async () => {
    const { status, stderr } = await clone.run(["get", "third_key"]);
    expect(status).toBe(2);
    expect(stderr).toContain(
      'stores.local.key: runs a program, and you have not trusted it: ["./evil"] (evil of this project, as it is now)',
    );
    expect(stderr).toContain('stores.red.program: runs a program, and you have not trusted it: "./evil"');
    expect(stderr).toContain(`mxm-secrets trust --config ${join(clone.directory, "mxm-secrets.yaml")}`);
  });
});

test("a trusted one runs what was trusted, and stops when that changes while it is being looked at", async () => {
  const clone = await hostileClone();
  const argv = ["get", "second_key"];
  expect((await clone.run(["trust", "--yes"])).status).toBe(0);
  expect((await clone.run(argv)).stderr).not.toContain("trust");
  expect(existsSync(join(clone.home, "RAN"))).toBe(true);
  writeFileSync(join(clone.directory, "evil"), "#!/bin/sh\nexit 1\n");
  const { status, stderr } = await clone.run(argv);
  expect(status).toBe(2);
  expect(stderr).toContain("what it would run has changed since you trusted it");
});
