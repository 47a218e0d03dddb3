import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { callsIn, consoleBlocks } from "../support/console-blocks.js";
import { gopass } from "../support/gopass-backend.js";
import {
  cloneStore,
  insert,
  introduce,
  makeMachine,
  makeStore,
  removeMachine,
  shortDirectory,
  toolsDirectory,
} from "../support/gopass.js";
import type { GopassMachine } from "../support/gopass.js";
import { play } from "../support/play-block.js";
import { useProject } from "../support/project.js";

const page = resolve(import.meta.dirname, "../../docs/gopass.md");

test.skipIf(gopass === undefined)("what docs/gopass.md shows happens", { timeout: 60_000 }, async () => {
  const base = shortDirectory();
  const machines = ["bridge", "monolith"].map((name) => makeMachine(base, name));
  const [bridge, monolith] = machines;
  onTestFinished(() => {
    for (const machine of machines) removeMachine(machine);
    rmSync(base, { recursive: true, force: true });
  });
  if (bridge === undefined || monolith === undefined) throw new Error("two machines were made");
  introduce(machines);
  makeStore(bridge, { "": machines, "mxm/red/execution": [bridge] }, gopass);
  insert(bridge, "mxm/red/marketdata/databento/api_key", "example-databento-key\n", gopass);
  insert(bridge, "mxm/red/execution/broker", "example-broker-password\n", gopass);
  cloneStore(bridge, monolith, gopass);

  const project = await useProject();
  const [, configuration = ""] = /^```yaml\n(# mxm-secrets\.yaml\n.*?)^```$/ms.exec(readFileSync(page, "utf8")) ?? [];
  writeFileSync(join(project.directory, "mxm-secrets.yaml"), configuration);
  const environmentOf = ({ environment }: GopassMachine) => ({
    ...environment,
    PATH: [project.environment["PATH"], toolsDirectory, environment["PATH"]].join(delimiter),
  });
  const blocks = consoleBlocks(page).filter((block) => block.some(({ command }) => callsIn(command).length > 0));
  expect(blocks.length).toBe(3);
  for (const block of blocks) {
    // What only the bridge may open is shown from the other machine's side.
    const isRefused = block.some(({ command }) => command.includes("broker_password"));
    await play(block, project, { env: environmentOf(isRefused ? monolith : bridge) });
  }
});
