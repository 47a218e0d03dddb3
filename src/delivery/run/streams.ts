import type { ChildProcess, StdioOptions } from "node:child_process";
import { isTerminal } from "../../process/is-terminal.js";
import type { OpenMask } from "./masks.js";
import { maskPipe } from "./output.js";
import type { Output } from "./output.js";
import { makePipes } from "./pipe.js";
import type { Screen } from "./screen.js";

/** The streams of a program that is about to start. */
export interface Streams {
  readonly stdio: StdioOptions & readonly unknown[];
  /** Begins to pass on what the program prints. */
  readonly attach: (child: ChildProcess) => readonly Output[];
}

type OutputDescriptor = 1 | 2;

/**
 * Our own streams where nothing is masked; otherwise a pipe in place of each output stream that is no terminal, and a
 * pseudo-terminal in place of each that is.
 */
export async function openStreams(
  { masking, warn }: { readonly masking: boolean; readonly warn: (line: string) => void },
  openMask: OpenMask,
): Promise<Streams> {
  if (!masking) return { stdio: ["inherit", "inherit", "inherit"], attach: () => [] };
  const outputs: readonly OutputDescriptor[] = [1, 2];
  const shown = outputs.filter(isTerminal);
  const piped = outputs.filter((descriptor) => !shown.includes(descriptor));
  const screen = await screenFor(shown, openMask);
  const pipes = new Map(piped.length === 0 ? [] : makePipes(piped));
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
