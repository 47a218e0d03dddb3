import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { makeCanary } from "../../support/canary.js";
import { useGitProject } from "../../support/git-project.js";
import { playPage } from "../../support/play-page.js";
import { isWithoutGit } from "../../support/programs.js";
import type { Machine } from "../../support/project.js";

const page = resolve(import.meta.dirname, "../../../docs/recipes/ci.md");

interface Workflow {
  readonly jobs: {
    readonly test: {
      readonly steps: readonly { readonly run?: string; readonly env?: Readonly<Record<string, string>> }[];
    };
  };
}

/** What the job's machine has when its steps begin. */
function checkOut(from: Machine, to: Machine): void {
  for (const name of ["mxm-secrets.yaml", "secrets.enc", "package.json", "test.sh"]) {
    copyFileSync(join(from.directory, name), join(to.directory, name));
  }
}

test.skipIf(isWithoutGit)(
  "what docs/recipes/ci.md shows happens, and so does its job",
  { timeout: 60_000 },
  async () => {
    const project = await useGitProject();
    const canary = makeCanary();
    const file = join(project.directory, "mxm-secrets.yaml");
    await project.run(["init"]);
    // What the page adds to a configuration that `init` made.
    const [, added = ""] = /^```yaml\n(policies:.*?)^```$/ms.exec(readFileSync(page, "utf8")) ?? [];
    const configured = { ...(parse(readFileSync(file, "utf8")) as object), ...(parse(added) as object) };
    writeFileSync(file, stringify(configured));
    writeFileSync(join(project.directory, "package.json"), JSON.stringify({ scripts: { test: "sh test.sh" } }));
    const tests = 'test -n "$DATABENTO_API_KEY" && test -z "$CI_SECRETS_KEY" && echo "with $DATABENTO_API_KEY"\n';
    writeFileSync(join(project.directory, "test.sh"), tests);
    await project.shell("git add -A && git commit -q -m start");

    const ci = project.machine("ci");
    const key = join(project.root, "for-ci/.key");
    const settings = () => (existsSync(key) ? { CI_SECRETS_KEY: readFileSync(key, "utf8") } : {});
    const own = { DATABENTO_API_KEY: canary.value, BROKER_PASSWORD: "the password of the broker" };
    await playPage(page, project, {
      env: () => {
        if (existsSync(join(project.directory, ".github"))) checkOut(project, ci);
        return { ...own, ...settings() };
      },
    });
    const { stdout } = await project.run(["keys", "list"]);
    const fingerprint = /SHA256:\S+/.exec(stdout)?.[0] ?? "";
    const job = parse(readFileSync(join(project.directory, ".github/workflows/test.yaml"), "utf8")) as Workflow;
    const steps = job.jobs.test.steps.filter(({ run = "npm ci" }) => run !== "npm ci");
    expect(steps.map(({ env }) => env)).toEqual(steps.map(() => ({ CI_SECRETS_KEY: "${{ secrets.CI_SECRETS_KEY }}" })));
    let printed = "";
    for (const { run = "" } of steps) {
      const env = { ...settings(), MXM_SECRETS_WRITERS: fingerprint };
      const end = await ci.shell(run.replace("npx ", ""), { env });
      expect({ run, end }).toMatchObject({ run, end: { status: 0 } });
      printed += end.stdout + end.stderr;
    }
    expect(printed).toContain("with ");
    expect(canary.formsIn(printed)).toEqual([]);
    const codes = [];
    for (const { run = "" } of steps) {
      const env = { CI_SECRETS_KEY: "", MXM_SECRETS_WRITERS: fingerprint };
      codes.push((await ci.shell(run.replace("npx ", ""), { env })).status);
    }
    expect(codes).toEqual([7, 5, 5]);
    const forged = { ...settings(), MXM_SECRETS_WRITERS: `SHA256:${"A".repeat(43)}` };
    expect(await ci.shell("mxm-secrets check --profile ci", { env: forged })).toMatchObject({ status: 7 });
    expect(await ci.run(["get", "databento_api_key", "--profile", "ci"], { env: forged })).toMatchObject({ status: 6 });
  },
);
