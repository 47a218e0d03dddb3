#!/usr/bin/env node
// Puts the programs that the real-tool tests need into the ignored .tools/bin, each in the version that
// tools/catalogue.mjs pins or as the operating system has it, and asks each what it is. Names limit it to those programs.
// `--check` installs nothing. Whatever cannot be had is named, with how to get it, and its tests are skipped: that is an
// error (exit 1) only for `--check`, for programs asked for by name, and in CI.
import { mkdirSync } from "node:fs";
import { canBeHad, catalogue } from "./tools/catalogue.mjs";
import { installDebianPackages } from "./tools/debian.mjs";
import { buildWithGo, packagesOfGo } from "./tools/go.mjs";
import { binDirectory } from "./tools/places.mjs";
import { installPythonPackages, packagesOfPython } from "./tools/python.mjs";
import { linkFromSystem, packagesOfSystem } from "./tools/system.mjs";

const words = process.argv.slice(2);
const check = words.includes("--check");
const names = words.filter((word) => word !== "--check");
if (names.some((name) => catalogue.every((row) => row.name !== name))) {
  const known = catalogue.map(({ name }) => name).join(", ");
  console.error(`usage: node scripts/install-tools.mjs [--check] [NAME…], of ${known}`);
  process.exit(2);
}

const isStrict = check || names.length > 0 || Boolean(process.env.CI);
const kinds = {
  go: { packagesOf: packagesOfGo, install: buildWithGo },
  system: { packagesOf: packagesOfSystem, install: linkFromSystem },
  python: { packagesOf: packagesOfPython, install: installPythonPackages },
};
const rows = catalogue.filter(({ name }) => names.length === 0 || names.includes(name));

if (!check) {
  mkdirSync(binDirectory, { recursive: true });
  const missing = rows.filter(canBeHad).flatMap((row) => kinds[row.from].packagesOf(row));
  installDebianPackages([...new Set(missing)]);
}
for (const row of rows) {
  if (canBeHad(row)) install(row);
  else console.error(`skipped  ${row.name}: there is none for ${process.platform}`);
}

function install(row) {
  try {
    const { state, version, place } = kinds[row.from].install(row, check);
    console.error(`${state.padEnd(8)} ${version === "" ? row.name : `${row.name} ${version}`}: ${place}`);
  } catch (error) {
    if (isStrict) process.exitCode = 1;
    console.error(`missing  ${row.name}: ${error.message}`);
  }
}
