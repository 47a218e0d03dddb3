import { terminalPlace } from "../foreground.js";
import type { Secret } from "../../domain/secret.js";
import { childEnvironment } from "./environment.js";
import type { Delivery } from "./deliveries.js";
import type { SecretFiles } from "./secret-files.js";
import { catchSignals } from "./signals.js";
import type { CaughtSignals } from "./signals.js";
import { startProgram } from "./start.js";

/** A program to run, and what it gets. */
export interface ChildRequest {
  readonly command: readonly string[];
  readonly parent: Readonly<Record<string, string | undefined>>;
  readonly ownVariables: readonly string[];
  readonly pristine: boolean;
  readonly deliveries: readonly Delivery[];
  readonly secrets: ReadonlyMap<string, Secret>;
}

/**
 * Runs a program without a shell, with the secrets in its environment or in files that are gone when it has ended, and
 * waits for it. Signals we receive go to it and to the programs it has started, each once.
 *
 * @returns its exit code, or 128+N for signal N
 * @throws NotStartedError; UnavailableError when a file cannot be written
 */
export async function runChild(request: ChildRequest): Promise<number> {
  const signals = catchSignals();
  let files: SecretFiles | undefined;
  try {
    files = await writeFiles(request);
    const pathOf = files?.pathOf ?? String;
    const program = { command: request.command, environment: childEnvironment({ ...request, pathOf }) };
    return await runProgram(program, signals);
  } finally {
    files?.remove();
    signals.stop();
  }
}

async function runProgram(program: Parameters<typeof startProgram>[0], signals: CaughtSignals): Promise<number> {
  // In the group of its terminal it must stay: only there it may read from it, and Ctrl-C and Ctrl-Z mean all of us.
  const ownGroup = terminalPlace() === "none";
  const { child, pid, ended } = await startProgram(program, "inherit", ownGroup);
  // Of a program that runs, only that a signal could not be passed on, as to `sudo`.
  child.on("error", () => undefined);
  signals.forwardTo({ pid, ownGroup });
  return await ended;
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
