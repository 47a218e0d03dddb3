import type { ChildProcess, StdioOptions } from "node:child_process";
import { isTerminal } from "../../process/is-terminal.js";
import type { OpenMask } from "./masks.js";
import { maskPipe } from "./output.js";
import type { Output } from "./output.js";
import { makePipes } from "./pipe.js";
import type { Pipe } from "./pipe.js";
import type { Screen } from "./screen.js";

/** The streams of a program that is about to start. */
export interface Streams {
  readonly stdio: StdioOptions & readonly unknown[];
  /** Begins to pass on what the program prints. */
  readonly attach: (child: ChildProcess) => readonly Output[];
}

type OutputDescriptor = 1 | 2;

/** Which streams are masked, and the pipes for them, which are being made. */
export interface PreparedStreams {
  readonly masking: boolean;
  readonly piped: readonly OutputDescriptor[];
  readonly pipes: Promise<readonly Pipe[]>;
}

/** Begins to make what takes a while: a pipe in place of each output stream that is masked and no terminal. */
export function prepareStreams(masking: boolean): PreparedStreams {
  const outputs: readonly OutputDescriptor[] = [1, 2];
  const piped = masking ? outputs.filter((descriptor) => !isTerminal(descriptor)) : [];
  return { masking, piped, pipes: makePipes(piped.length) };
}

/**
 * Our own streams where nothing is masked; otherwise the pipes, and a pseudo-terminal in place of each output stream that
 * is a terminal.
 */
export async function openStreams(
  { masking, piped, pipes: prepared }: PreparedStreams,
  openMask: OpenMask,
  warn: (line: string) => void,
): Promise<Streams> {
  const made = await prepared;
  if (!masking) return { stdio: ["inherit", "inherit", "inherit"], attach: () => [] };
  const outputs: readonly OutputDescriptor[] = [1, 2];
  const shown = outputs.filter((descriptor) => !piped.includes(descriptor));
  const screen = await screenFor(shown, openMask);
  const pipes = new Map(made.map((pipe, index) => [piped[index], pipe]));
  const streamFor = (descriptor: OutputDescriptor) =>
    shown.includes(descriptor) ? (screen?.descriptor ?? "inherit") : (pipes.get(descriptor)?.descriptor ?? "pipe");
  const attach = (child: ChildProcess): readonly Output[] => [
    ...(screen === undefined ? [] : [screen.attach(child.pid)]),
    ...piped.flatMap((descriptor) => {
      const readable = pipes.get(descriptor)?.read() ?? (descriptor === 1 ? child.stdout : child.stderr);
      return readable === null ? [] : [maskPipe(readable, descriptor, openMask, warn)];
    }),
  ];
  return { stdio: withHidden(["inherit", streamFor(1), streamFor(2)], screen), attach };
}

async function screenFor([first]: readonly OutputDescriptor[], openMask: OpenMask): Promise<Screen | undefined> {
  if (first === undefined) return undefined;
  const { openScreen } = await import("./screen.js");
  return await openScreen(first, openMask);
}

function withHidden(streams: readonly ("inherit" | "pipe" | number)[], screen: Screen | undefined): Streams["stdio"] {
  if (screen === undefined) return [...streams];
  const { descriptor, instead } = screen.hidden;
  return Array.from({ length: descriptor + 1 }, (_, index) =>
    index === descriptor ? instead : (streams[index] ?? "ignore"),
  );
}
