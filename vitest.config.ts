import { defineConfig } from "vitest/config";

const source = (file: string) => new URL(`src/${file}`, import.meta.url).pathname;

/** For the slowest machine that still makes progress: no test asserts how long a thing takes. */
const timeoutMilliseconds = 60_000;

const project = (name: string, include: string[], exclude: string[] = []) => ({
  resolve: {
    alias: [
      { find: /^mxm-secrets$/, replacement: source("index.ts") },
      { find: /^mxm-secrets\/(.+)$/, replacement: source("$1.ts") },
    ],
  },
  test: {
    name,
    include,
    exclude,
    environment: "node" as const,
    isolate: name === "real" || name === "fault",
    testTimeout: timeoutMilliseconds,
    hookTimeout: timeoutMilliseconds,
  },
});

const slow = ["tests/**/*.real.test.ts", "tests/**/*.fault.test.ts"];
/** Tests that start the bundled command, many times. */
const commandLine = ["tests/cli/**/*.test.ts", "tests/docs/**/*.test.ts"];

export default defineConfig({
  test: {
    projects: [
      project("unit", ["tests/**/*.test.ts"], [...slow, ...commandLine]),
      project("cli", commandLine, slow),
      project("real", ["tests/**/*.real.test.ts"]),
      project("fault", ["tests/**/*.fault.test.ts"]),
    ],
  },
});
