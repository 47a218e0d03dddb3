import { spawnSync } from "node:child_process";

/**
 * Whether a test that needs git is skipped: on a machine that has none. In CI it is run all the same, and fails, so that
 * nothing is left untried there.
 */
export const isWithoutGit = process.env["CI"] === undefined && spawnSync("git", ["--version"]).status !== 0;

/** As {@link isWithoutGit}, for gpg. */
export const isWithoutGpg = process.env["CI"] === undefined && spawnSync("gpg", ["--version"]).status !== 0;
