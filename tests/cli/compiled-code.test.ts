import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
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
