import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import * as backend from "../../src/backend.js";
import * as contract from "../../src/backend-contract.js";
import * as library from "../../src/index.js";
import * as runtime from "../../src/runtime.js";

const directory = resolve(import.meta.dirname, "../../docs");

test("every function and class that the package exports is named in the documentation", () => {
  const pages = readdirSync(directory).filter((name) => name.endsWith(".md"));
  const words = new Set(pages.flatMap((name) => readFileSync(join(directory, name), "utf8").split(/\W+/)));
  const exported = [library, backend, contract, runtime].flatMap((part) => Object.keys(part));
  expect(exported).toContain("createRedactor");
  expect(exported.filter((name) => !words.has(name))).toEqual([]);
});
