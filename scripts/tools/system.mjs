import { readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { binDirectory, findSystemProgram, versionOf } from "./places.mjs";

/** The packages that a program of the operating system lacks. */
export function packagesOfSystem(row) {
  return findSystemProgram(row) === undefined ? [row.debianPackage] : [];
}

/** Links a program of the operating system. @throws Error saying how to get it when there is none */
export function linkFromSystem(row, checkOnly) {
  const file = findSystemProgram(row);
  if (file === undefined) {
    const program = row.program ?? row.name;
    throw new Error(
      `\`${program}\` is not on PATH; install the package \`${row.debianPackage}\` of your operating system`,
    );
  }
  const link = join(binDirectory, row.name);
  if (linkTarget(link) !== file && !checkOnly) {
    rmSync(link, { force: true });
    symlinkSync(file, link);
  }
  return { state: "found", version: versionOf(file, row), place: file };
}

function linkTarget(link) {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
