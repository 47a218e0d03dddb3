import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { endOf, useProject } from "../support/project.js";
import { mayRun, openTerminal } from "../support/terminal.js";

const timeout = 60_000;
const unshare = ["--pid", "--fork", "--mount-proc", "--kill-child"];
const mayBeFirst = spawnSync("unshare", [...unshare, "true"]).status === 0;

async function useSecret() {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "value of the first key" });
  return project;
}

/** A program that starts another, says when both listen, and what each of them caught. */
const family = (signal: string) => `
const listen = (name) => process.on("${signal}", () => { console.log(name); process.exit(7); });
setTimeout(() => process.exit(8), 20_000);
if (process.argv[2] === "inner") { listen("inner"); console.log("ready"); }
else {
  let left = 2;
  const leave = () => { if (--left === 0) process.exit(5); };
  process.on("${signal}", () => { console.log("outer"); leave(); });
  const inner = require("node:child_process").spawn(process.execPath, [__filename, "inner"], { stdio: "inherit" });
  inner.on("exit", leave);
}`;

test("a signal reaches the command and the programs it started, each once", { timeout }, async () => {
  const { start, directory } = await useSecret();
  const results = await Promise.all(
    (["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGWINCH"] as const).map(async (signal) => {
      const file = join(directory, `${signal}.cjs`);
      writeFileSync(file, family(signal));
      const child = start(["run", "--only", "first_key", "--", process.execPath, file], ["ignore", "pipe", "pipe"]);
      const end = endOf(child);
      await new Promise((resolve) => child.stdout?.once("data", resolve));
      child.kill(signal);
      const { status, stdout } = await end;
      return { signal, status, said: stdout.trim().split("\n").toSorted() };
    }),
  );
  for (const { signal, status, said } of results) {
    expect({ signal, status, said }).toEqual({ signal, status: 5, said: ["inner", "outer", "ready"] });
  }
});

describe.skipIf(!mayRun)("on a terminal", () => {
  test("a signal for run alone reaches the programs below it, and nobody beside it", { timeout }, async () => {
    const project = await useSecret();
    const file = join(project.directory, "family.cjs");
    writeFileSync(file, family("SIGTERM"));
    const terminal = openTerminal(
      project,
      `mxm-secrets run --no-masking --only first_key -- node ${file} & pid=$!; read key; kill -TERM $pid; wait $pid; echo "code=$?"`,
    );
    await terminal.see("ready");
    terminal.type("\r");
    await terminal.see("code=5");
    const { screen } = await terminal.end();
    expect(screen.match(/outer|inner/g)?.toSorted()).toEqual(["inner", "outer"]);
  });
});

describe.skipIf(!mayBeFirst)("with pid 1, where unshare(1) may give it", () => {
  test("run forwards signals and returns the command's code", { timeout }, async () => {
    const { shell, directory } = await useSecret();
    const file = join(directory, "signal.sh");
    // The command itself signals the process with pid 1, its parent.
    writeFileSync(
      file,
      'trap "echo caught; exit 6" TERM; [ "$PPID" = 1 ] || exit 9; kill -TERM 1; while :; do sleep 0.1; done',
    );
    const inner = (command: string) =>
      shell(`unshare ${unshare.join(" ")} mxm-secrets run --only first_key -- ${command}`);
    expect(await inner(`sh ${file}`)).toMatchObject({ status: 6, stdout: "caught\n" });
    expect(await inner("sh -c 'kill -KILL $$'")).toMatchObject({ status: 137 });
    expect(await inner("sh -c 'exit 3'")).toMatchObject({ status: 3 });
    expect(readFileSync(file, "utf8")).toContain("caught");
  });
});
