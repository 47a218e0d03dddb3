import { defineConfig } from "vitest/config";

const project = (name: string, include: string[], exclude: string[] = []) => ({
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
