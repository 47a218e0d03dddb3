import { renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isWithoutGit } from "../support/programs.js";
import { useScanned } from "../support/scan-project.js";

const timeout = 60_000;

describe.skipIf(isWithoutGit)("scan", () => {
  test(
    "answers 0 when clean and 7 with file, line and name when not, in files, index and history",
    { timeout },
    async () => {
      const { scan, write, value, shell } = await useScanned();
      const clean = {
        status: 0,
        stdout: "",
        stderr: expect.stringMatching(/looked for 1 secret in \d files, .*: 0 findings\n$/),
      };
      expect(await scan()).toEqual(clean);
      write("a.txt", `\nkey = ${value}\n`);
      expect(await scan()).toEqual({
        status: 7,
        stdout: "a.txt:2: api_key (as it is)\n",
        stderr: expect.stringMatching(/: 1 finding\n {2}replace what got out where it was issued, .*\n$/),
      });
      expect(await scan("secrets")).toMatchObject({ status: 0 });
      expect(await scan("--staged")).toMatchObject({ status: 0, stderr: expect.stringContaining("in 0 files") });
      await shell("git add a.txt; rm a.txt");
      expect(await scan("--staged")).toMatchObject({ status: 7, stdout: "a.txt:2: api_key (as it is)\n" });
      await shell("git commit -q -m oops; git rm -q a.txt; git commit -q -m gone");
      expect(await scan()).toEqual(clean);
      expect(await scan("--history")).toMatchObject({
        status: 7,
        stdout: expect.stringMatching(/^[0-9a-f]{12}:a\.txt:2: api_key \(as it is\)\n$/),
      });
      expect(await scan("--range", "HEAD~1..HEAD")).toMatchObject({ status: 0 });
    },
  );

  test("says as JSON what was found, what was not looked for and why", { timeout }, async () => {
    const { scan, write, value, run } = await useScanned();
    await run(["set", "switch", "--stdin"], { input: "true" });
    write("a.txt", Buffer.from(value).toString("base64"));
    const { status, stdout, stderr } = await scan("--json");
    expect({ status, stderr }).toEqual({ status: 7, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      findings: [{ kind: "value", name: "api_key", form: "base64", line: 1, file: "a.txt" }],
      notLookedFor: [{ name: "switch", reason: "its value has fewer than 8 characters" }],
      failures: [],
      unread: [],
      scanned: { files: expect.any(Number), bytes: expect.any(Number), secrets: 1 },
    });
  });

  test("vouches for nothing when a value cannot be read, and still tells what it finds", { timeout }, async () => {
    const { scan, write, directory } = await useScanned();
    renameSync(join(directory, ".key"), join(directory, "../kept"));
    const locked = await scan();
    expect(locked).toMatchObject({ status: 5, stdout: "" });
    expect(locked.stderr).toContain("mxm-secrets: could not look for api_key: ");
    write(".env", "TOKEN=something\n");
    expect(await scan()).toMatchObject({ status: 7, stdout: ".env:1: TOKEN (plaintext in an env file)\n" });
    expect(JSON.parse((await scan("--json")).stdout)).toMatchObject({
      failures: [{ name: "api_key", code: "locked", message: expect.any(String) }],
    });
  });

  test("looks for what other stores hold while one is locked", { timeout }, async () => {
    const { scan, write, directory, shell } = await useScanned();
    renameSync(join(directory, ".key"), join(directory, "../kept"));
    const configuration = [
      "stores: { local: { backend: sealed }, plain: { backend: dotenv, path: ../plain.env } }",
      "policies: { all: { allowed_principals: [developer] } }",
      "identity: { environment: dev, role: developer }",
      "refs:",
      "  api_key: { store: local, path: api_key, policy: all }",
      "  other_key: { store: plain, path: other_key, policy: all }",
      "  third_key: { store: plain, path: third_key, policy: all }",
    ];
    write("other.yaml", `${configuration.join("\n")}\n`);
    write("../plain.env", "OTHER_KEY=other-token-5f1d\n");
    await shell("chmod 600 ../plain.env; echo other-token-5f1d > a.txt");
    const { status, stdout, stderr } = await scan("--config", "other.yaml");
    expect({ status, stdout }).toEqual({ status: 7, stdout: "a.txt:1: other_key (as it is)\n" });
    expect(stderr).toMatch(/^mxm-secrets: could not look for api_key: /m);
    await shell("rm a.txt");
    expect(await scan("--config", "other.yaml")).toMatchObject({ status: 5, stdout: "" });
  });

  test("names what this caller may not read, and refuses a denied name that was asked for", { timeout }, async () => {
    const { scan, write, value, shell, run } = await useScanned();
    write("a.txt", value);
    expect(await scan("--role", "intern")).toMatchObject({
      status: 3,
      stdout: "",
      stderr: expect.stringMatching(
        /^mxm-secrets: api_key: not looked for: this caller may not read it\n.* no secret, so that none was looked for\n/,
      ),
    });
    await shell(
      "sed -i 's/^policies:/&\\n  open: { allowed_principals: [intern, developer], actions: [read, write] }/' mxm-secrets.yaml",
    );
    await run(["set", "open_key", "--stdin", "--policy", "open"], { input: "another-token-1f" });
    expect(await scan("--role", "intern")).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^mxm-secrets: api_key: not looked for: .*\n.* looked for 1 secret /),
    });
    expect(await scan("--role", "intern", "--only", "api_key")).toMatchObject({ status: 3, stdout: "" });
    expect(await scan("--only", "api_kye")).toMatchObject({ status: 2, stdout: "" });
  });

  test("looks at the paths that are named, and not at those left out, in every place", { timeout }, async () => {
    const { scan, value, shell } = await useScanned();
    await shell(`mkdir part; echo ${value} | tee part/a part/b >c; git add -A; git commit -q -m more`);
    await shell("git rm -q --cached -r part c; git commit -q -m less; git add -A");
    for (const place of [[], ["--staged"], ["--history"]]) {
      const { stdout } = await scan("part", "--exclude", "part/a", ...place);
      expect({ place, stdout }).toEqual({ place, stdout: expect.stringMatching(/^(\w{12}:)?part\/b:1: [^\n]*\n$/) });
    }
    await shell("mxm-secrets scan --install-hook --exclude part --exclude c");
    expect((await shell("git commit -m again")).status).toBe(0);
  });

  test("refuses calls that make no sense", { timeout }, async () => {
    const { scan, directory, run } = await useScanned();
    for (const words of [["--staged", "--history"], ["nowhere"], ["--staged", ".."], ["--range", "no..where"]]) {
      expect({ words, end: await scan(...words) }).toMatchObject({ words, end: { status: 2, stdout: "" } });
    }
    const outside = join(directory, "..");
    expect(
      await run(["scan", "--staged", "--config", join(directory, "mxm-secrets.yaml")], { cwd: outside }),
    ).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("is in no git repository"),
    });
  });

  test("leaves the project's own key alone where there is no repository", { timeout }, async () => {
    const { scan, shell } = await useScanned();
    await shell("rm -rf .git; cp .key copy");
    expect(await scan()).toMatchObject({ status: 7, stdout: "copy:2: age secret key (private key)\n" });
  });

  test("runs on every commit as a hook, after which an existing hook runs", { timeout }, async () => {
    const { write, value, shell, run, directory } = await useScanned();
    write(".git/hooks/pre-commit", "#!/bin/sh\necho theirs\n");
    await shell("chmod 755 .git/hooks/pre-commit");
    for (const told of ["from now on; what was there runs after it", "already"]) {
      expect(await run(["scan", "--install-hook"])).toMatchObject({
        status: 0,
        stdout: "",
        stderr: expect.stringContaining(told),
      });
    }
    write("a.txt", value);
    const refused = await shell("git add a.txt; git commit -m oops");
    expect(refused).toMatchObject({ status: 1 });
    expect(refused.stdout + refused.stderr).toContain("a.txt:1: api_key (as it is)");
    expect(refused.stdout + refused.stderr).not.toContain("theirs");
    write("a.txt", "nothing");
    expect((await shell("git add a.txt; git commit -m fine")).status).toBe(0);
    write("a.txt", `${value} again`);
    expect((await shell("git commit -a -m oops 2>&1")).stdout).toContain("a.txt:1: api_key");
    expect((await shell("git commit -m oops a.txt 2>&1")).stdout).toContain("a.txt:1: api_key");
    expect((await shell("cd .. && git -C project commit -a -m oops 2>&1")).stdout).toContain("a.txt:1: api_key");
    expect((await shell("git log --format=%s")).stdout).toBe("fine\nstart\n");
    const missing = await shell("git commit -a -m oops", { env: { PATH: "/usr/bin:/bin" } });
    expect(missing).toMatchObject({ status: 1, stderr: expect.stringContaining("--no-verify") });
    expect(await run(["scan", "--uninstall-hook"])).toMatchObject({ status: 0 });
    expect((await shell(`cat ${directory}/.git/hooks/pre-commit`)).stdout).toBe("#!/bin/sh\necho theirs\n");
    expect((await shell("git commit -a -m unseen 2>&1")).stdout).toContain("theirs");
  });
});
