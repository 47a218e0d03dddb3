import { defineConfig } from "vitest/config";

const source = (file: string) => new URL(`src/${file}`, import.meta.url).pathname;

const project = (name: string, include: string[], exclude: string[] = []) => ({
  resolve: {
    alias: [
      { find: /^mxm-secrets$/, replacement: source("index.ts") },
      { find: /^mxm-secrets\/(.+)$/, replacement: source("$1.ts") },
    ],
  },
  test: { name, include, exclude, environment: "node" as const, isolate: true },
});

export default defineConfig({
  test: {
    projects: [
      project("unit", ["tests/**/*.test.ts"], ["tests/**/*.real.test.ts", "tests/**/*.fault.test.ts"]),
      project("real", ["tests/**/*.real.test.ts"]),
      project("fault", ["tests/**/*.fault.test.ts"]),
    ],
  },
});
