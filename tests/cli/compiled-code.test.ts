import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { piecesOf } from "../../scripts/bundle.mjs";
import { buildCommand } from "../support/command.js";
import { useScratch } from "../support/scratch.js";

const scratch = useScratch();

it("compiled code is kept for this user alone and harms nothing when it is damaged", async () => {
  const command = await buildCommand();
  const cache = join(scratch(), "cache");
  const help = (): string =>
    execFileSync(process.execPath, [command, "help"], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], MXM_SECRETS_CACHE: cache },
    });
  const expected = help();
  const [name = ""] = readdirSync(cache);
  const file = join(cache, name);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const whole = readFileSync(file);
  const middle = Math.floor(whole.length / 4);
  const altered = Buffer.from(whole);
  altered.fill(0x78, middle, middle + 64);
  for (const damaged of [altered, whole.subarray(0, 1000), whole.subarray(0, 1), Buffer.alloc(0), Buffer.alloc(5001)]) {
    writeFileSync(file, damaged);
    expect(help()).toBe(expected);
  }
});

it("without its second file, or with one of another version, the command says what to do and does nothing", async () => {
  const command = await buildCommand();
  const alone = join(scratch(), "alone.cjs");
  copyFileSync(command, alone);
  const said = (fault: string) => ({
    status: 70,
    stdout: "",
    stderr: `mxm-secrets: the file \`${piecesOf(alone)}\` of this program ${fault}; install it again\n`,
  });
  const help = () => {
    const environment = { PATH: process.env["PATH"], MXM_SECRETS_NO_CACHE: "1" };
    const { status, stdout, stderr } = spawnSync(process.execPath, [alone, "help"], {
      encoding: "utf8",
      env: environment,
    });
    return { status, stdout, stderr };
  };
  expect(help()).toEqual(said("cannot be read"));
  const pieces = readFileSync(piecesOf(command));
  writeFileSync(piecesOf(alone), `another version!${pieces.toString("latin1").slice(16)}`, "latin1");
  expect(help()).toEqual(said("is of another version"));
  writeFileSync(piecesOf(alone), pieces.subarray(0, 5000));
  expect(help()).toEqual(said("is damaged"));
});
