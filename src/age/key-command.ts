import { spawn } from "node:child_process";
import { LockedError, quote, throwIfCancelled, UnavailableError } from "../errors.js";
import { errnoInWords } from "../files/errno.js";
import { withAbsolutePath } from "../process/program-path.js";

const timeoutMilliseconds = 60_000;
const maximumOutputBytes = 64 * 1024;

/**
 * What a program prints. No shell; its standard error is the user's, so that it can ask for something.
 *
 * @param environment - everything it sees of the environment; this process's own by default
 * @throws UnavailableError when it cannot be started
 * @throws LockedError when it fails, prints too much, or takes more than a minute
 */
export async function runForOutput(
  argv: readonly [string, ...string[]],
  directory: string,
  signal: AbortSignal | undefined,
  environment?: Readonly<Record<string, string>>,
): Promise<string> {
  throwIfCancelled(signal);
  const [program, ...words] = argv;
  const failed = (why: string): LockedError => new LockedError(`the key command ${quote(program)} ${why}`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: directory,
      env: withAbsolutePath(environment ?? process.env),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let failure: Error | undefined;
    // What it started may hold its output open when it is gone itself.
    const letGo = (): void => {
      if (failure !== undefined && (child.exitCode !== null || child.signalCode !== null)) child.stdout.destroy();
    };
    const stop = (error: Error): void => {
      failure ??= error;
      child.kill("SIGKILL");
      letGo();
    };
    const timer = setTimeout(() => stop(failed("took more than a minute")), timeoutMilliseconds);
    const cancel = (): void => {
      try {
        throwIfCancelled(signal);
      } catch (error) {
        stop(error instanceof Error ? error : failed("was cancelled"));
      }
    };
    signal?.addEventListener("abort", cancel, { once: true });
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maximumOutputBytes) stop(failed("printed more than an identity file can hold"));
      else chunks.push(chunk);
    });
    child.on("error", (cause) => {
      clearTimeout(timer);
      reject(new UnavailableError(`cannot run ${quote(program)}: ${errnoInWords(cause)}`, { cause }));
    });
    child.on("exit", letGo);
    child.on("close", (code, terminated) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      if (failure !== undefined) reject(failure);
      else if (code === 0) resolve(Buffer.concat(chunks).toString());
      else reject(failed(code === null ? `was ended by ${terminated ?? "a signal"}` : `failed with exit code ${code}`));
    });
  });
}
