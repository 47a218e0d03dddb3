import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtInBackends } from "../../src/backends/registry.js";
import { sharedPlaces } from "../../src/resolution/check-places.js";
import { scratchDirectory } from "../support/directory.js";

function twinsOf(stores: Readonly<Record<string, { readonly backend: string; readonly [option: string]: unknown }>>) {
  const directory = scratchDirectory();
  writeFileSync(join(directory, "secrets.enc"), "");
  mkdirSync(join(directory, "deep"));
  symlinkSync("../secrets.enc", join(directory, "deep/link.enc"));
  const places = Object.entries(stores).map(([name, { backend, ...options }]) => {
    const definition = builtInBackends.find(({ kind }) => kind === backend);
    if (definition === undefined) throw new Error(`there is no kind ${backend}`);
    return { store: { name, backend, options }, definition, leaves: [name] };
  });
  return [...sharedPlaces(places, [], directory).stores].map(([name, { message }]) => `${name} ${message}`);
}

test("two stores on one file are found, however it is spelt and whatever key opens them", () => {
  expect(
    twinsOf({
      a: { backend: "sealed" },
      b: { backend: "sealed", path: "./deep/../secrets.enc", key: "other.key" },
      c: { backend: "sealed", path: "deep/link.enc" },
      d: { backend: "sealed", path: "not-there.enc" },
    }),
  ).toEqual(["b is the same place as the store `a`", "c is the same place as the store `a`"]);
});

test("stores of one kind with other options are others, and so are two that are gone with the process", () => {
  expect(
    twinsOf({
      a: { backend: "env" },
      b: { backend: "env", prefix: "APP_" },
      c: { backend: "gopass", root: "red" },
      d: { backend: "gopass", root: "red/team" },
      e: { backend: "memory" },
      f: { backend: "memory" },
    }),
  ).toEqual([]);
});

test("the same options are the same place, whichever program reads it", () => {
  expect(
    twinsOf({ a: { backend: "gopass", root: "red" }, b: { backend: "gopass", root: "red", program: "/opt/gopass" } }),
  ).toEqual(["b is the same place as the store `a`"]);
});
