import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeMemoryFiles } from "../../src/gpg/memory-files.js";

const outputOf = (input: string) => input.replace(/\.gpg$/, "");

test.skipIf(process.platform !== "linux")(
  "what another writes to an output is read here, and lies in no file with a name",
  () => {
    const files = makeMemoryFiles([Buffer.from("first"), Buffer.from("second")]);
    if (files === undefined) throw new Error("this system has files in memory");
    onTestFinished(() => files.remove());
    const [first = "", second = ""] = files.inputs;
    expect(readFileSync(second, "utf8")).toBe("second");
    expect(statSync(dirname(first)).mode & 0o777).toBe(0o700);
    expect(statSync(outputOf(first))).toMatchObject({ nlink: 0 });
    expect(statSync(outputOf(first)).mode & 0o777).toBe(0o600);
    writeFileSync(outputOf(second), "plain");
    writeFileSync(outputOf(second), "text");
    expect([files.lengthOf(0), files.lengthOf(1)]).toEqual([0, 4]);
    expect(files.read(1).toString()).toBe("text");
  },
);

test.skipIf(process.platform !== "linux")("when they are removed, nothing is left of them", () => {
  const files = makeMemoryFiles([Buffer.from("first")]);
  const [first = ""] = files?.inputs ?? [];
  writeFileSync(outputOf(first), "plain");
  const before = readFileSync(outputOf(first), "utf8");
  files?.remove();
  expect(before).toBe("plain");
  expect(existsSync(dirname(first))).toBe(false);
  expect(() => writeFileSync(outputOf(first), "late")).toThrow("ENOENT");
});
