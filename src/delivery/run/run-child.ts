import type { Secret } from "../../domain/secret.js";
import { isTerminal } from "../../process/is-terminal.js";
import { terminalPlace } from "../foreground.js";
import type { Delivery } from "./deliveries.js";
import { childEnvironment } from "./environment.js";
import { masksFor } from "./masks.js";
import type { Program } from "./not-started.js";
import type { Output } from "./output.js";
import type { SecretFiles } from "./secret-files.js";
import { catchSignals } from "./signals.js";
import type { CaughtSignals } from "./signals.js";
import { startProgram } from "./start.js";
import { openStreams } from "./streams.js";
import type { PreparedStreams } from "./streams.js";

/** A program to run, and what it gets. */
export interface ChildRequest {
  readonly command: readonly string[];
  readonly parent: Readonly<Record<string, string | undefined>>;
  readonly ownVariables: readonly string[];
  readonly pristine: boolean;
  readonly deliveries: readonly Delivery[];
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly streams: PreparedStreams;
  readonly warn: (line: string) => void;
}

/** A program that has been started. */
interface Running {
  readonly ended: Promise<number>;
  readonly outputs: readonly Output[];
}

/**
 * Runs a program without a shell, with the secrets in its environment or in files that are gone when it has ended, and
 * waits for it and for its output. Signals we receive go to it and to the programs it has started, each once.
 *
 * @returns its exit code, or 128+N for signal N
 * @throws NotStartedError; UnavailableError when a file or its output cannot be written
 */
export async function runChild(request: ChildRequest): Promise<number> {
  const signals = catchSignals();
  let files: SecretFiles | undefined;
  let code: number;
  let outputs: readonly Output[];
  try {
    files = await writeFiles(request);
    const pathOf = files?.pathOf ?? String;
    const environment = childEnvironment({ ...request, pathOf });
    const running = await start({ command: request.command, environment }, request, signals);
    ({ outputs } = running);
    code = await running.ended;
  } finally {
    files?.remove();
    // From here on a signal ends this process, which may have to wait for a slow reader.
    signals.stop();
  }
  await Promise.all(outputs.map(async ({ finish }) => await finish()));
  return code;
}

async function start(program: Program, request: ChildRequest, signals: CaughtSignals): Promise<Running> {
  const secrets = [...request.secrets.values()];
  const place = terminalPlace();
  if (request.streams.masking && place === "foreground" && [0, 1, 2].every(isTerminal)) {
    const { startOnTerminal } = await import("./on-terminal.js");
    // A line of ours in between would spoil the screen.
    const said: string[] = [];
    const openMask = masksFor(secrets, (line) => said.push(line));
    const { pid, ended } = await startOnTerminal(program, openMask);
    signals.forwardTo({ pid, ownGroup: true });
    return { ended: ended.finally(() => said.forEach(request.warn)), outputs: [] };
  }
  const streams = await openStreams(request.streams, masksFor(secrets, request.warn), request.warn);
  // In the group of its terminal it must stay: only there it may read from it, and Ctrl-C and Ctrl-Z mean all of us.
  const ownGroup = place === "none";
  const { child, pid, ended } = await startProgram(program, streams.stdio, ownGroup);
  // Of a program that runs, only that a signal could not be passed on, as to `sudo`.
  child.on("error", () => undefined);
  signals.forwardTo({ pid, ownGroup });
  return { ended, outputs: streams.attach(child) };
}

async function writeFiles({ deliveries, secrets, parent }: ChildRequest): Promise<SecretFiles | undefined> {
  const names = new Set(deliveries.filter(({ form }) => form === "file").map(({ name }) => name));
  if (names.size === 0) return undefined;
  const { writeSecretFiles } = await import("./secret-files.js");
  const { memoryCandidates, memoryPlace } = await import("./memory-place.js");
  const place = memoryPlace(memoryCandidates(parent));
  return await writeSecretFiles(
    place,
    [...secrets.values()].filter(({ name }) => names.has(name)),
  );
}
