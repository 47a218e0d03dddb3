import type { ChildProcess, StdioOptions } from "node:child_process";
import { fstatSync } from "node:fs";
import type { Readable } from "node:stream";
import { isTerminal } from "../../process/is-terminal.js";
import type { OpenMask } from "./masks.js";
import { maskPipe } from "./output.js";
import type { Output } from "./output.js";
import { makePipes } from "./pipe.js";
import type { Pipe } from "./named-pipes.js";
import { readStream } from "./pipe-source.js";
import type { PipeSource } from "./pipe-source.js";
import type { Screen } from "./screen.js";

/** The streams of a program that is about to start. */
export interface Streams {
  readonly stdio: StdioOptions & readonly unknown[];
  /** Begins to pass on what the program prints. */
  readonly attach: (child: ChildProcess) => readonly Output[];
}

type OutputDescriptor = 1 | 2;

const outputs: readonly OutputDescriptor[] = [1, 2];

/** Streams that go to the same place, in the order they were written to. */
type StreamGroup = readonly [OutputDescriptor, ...OutputDescriptor[]];

/** Which streams are masked, and the pipes for them, which are being made. */
export interface PreparedStreams {
  readonly masking: boolean;
  readonly piped: readonly StreamGroup[];
  readonly pipes: Promise<readonly Pipe[]>;
}

/**
 * Begins to make what may take a while: a pipe in place of each output stream that is masked and no terminal.
 *
 * @param cache - the user's cache directory, when there is one to be used
 */
export function prepareStreams(masking: boolean, cache: string | undefined): PreparedStreams {
  const piped = masking ? groupsOf(outputs.filter((descriptor) => !isTerminal(descriptor))) : [];
  return { masking, piped, pipes: makePipes(piped.length, cache) };
}

/**
 * Our own streams where nothing is masked; otherwise the pipes, and a pseudo-terminal in place of each output stream that
 * is a terminal.
 */
export async function openStreams(
  { masking, piped, pipes }: PreparedStreams,
  openMask: OpenMask,
  warn: (line: string) => void,
): Promise<Streams> {
  const made = await pipes;
  if (!masking) return { stdio: ["inherit", "inherit", "inherit"], attach: () => [] };
  const groups: readonly StreamGroup[] = made.length > 0 ? piped : piped.flat().map((descriptor) => [descriptor]);
  const shown = outputs.filter((descriptor) => !piped.flat().includes(descriptor));
  const screen = await screenFor(shown, openMask);
  const streamFor = (descriptor: OutputDescriptor) => {
    if (shown.includes(descriptor)) return screen?.descriptor ?? "inherit";
    return made[groups.findIndex((group) => group.includes(descriptor))]?.descriptor ?? "pipe";
  };
  const attach = (child: ChildProcess): readonly Output[] => [
    ...(screen === undefined ? [] : [screen.attach(child.pid)]),
    ...groups.flatMap(([descriptor], index) => {
      const source = made[index]?.read() ?? sourceOf(descriptor === 1 ? child.stdout : child.stderr);
      return source === undefined ? [] : [maskPipe(source, descriptor, openMask, warn)];
    }),
  ];
  return { stdio: withHidden(["inherit", streamFor(1), streamFor(2)], screen), attach };
}

function sourceOf(stream: Readable | null): PipeSource | undefined {
  return stream === null ? undefined : readStream(stream);
}

/** As after `2>&1`, streams to one place share one pipe: two would mix up what was written to them in turn. */
function groupsOf(descriptors: readonly OutputDescriptor[]): readonly StreamGroup[] {
  const [first, second] = descriptors;
  if (first === undefined) return [];
  if (second === undefined) return [[first]];
  return placeOf(first) === placeOf(second) ? [[first, second]] : [[first], [second]];
}

/** @returns what tells one file from another; of a closed descriptor, itself */
function placeOf(descriptor: number): string {
  try {
    const { dev, ino } = fstatSync(descriptor);
    return `${dev}:${ino}`;
  } catch {
    return `closed ${descriptor}`;
  }
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
