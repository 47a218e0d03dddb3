import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openOutlet } from "../../../src/delivery/run/outlet.js";

/** Holds back the last byte, as a mask may. */
const mask = () => {
  let held = Buffer.of();
  return {
    write: (chunk: Uint8Array) => {
      const all = Buffer.concat([held, chunk]);
      held = all.subarray(-1);
      return all.subarray(0, -1);
    },
    end: () => held,
  };
};

function useOutlet(flags: string) {
  const directory = mkdtempSync(join(tmpdir(), "mxm-outlet-"));
  const file = join(directory, "out");
  closeSync(openSync(file, "w"));
  const descriptor = openSync(file, flags);
  onTestFinished(() => {
    closeSync(descriptor);
    rmSync(directory, { recursive: true });
  });
  const told: string[] = [];
  let opened = 0;
  const outlet = openOutlet(
    descriptor,
    async () => {
      opened += 1;
      return mask();
    },
    { pause: () => told.push("pause"), resume: () => told.push("resume"), stop: () => told.push("stop") },
  );
  return { outlet, told, opened: () => opened, written: () => readFileSync(file) };
}

test("chunks leave in their order through one mask, and what it holds back at the end", async () => {
  const { outlet, told, opened, written } = useOutlet("w");
  for (const text of ["a", "bc", "", "def"]) outlet.write(Buffer.from(text));
  await outlet.settled();
  expect(written().toString()).toBe("abcde");
  outlet.write(Buffer.from("g"));
  expect(await outlet.end()).toBeUndefined();
  expect(written().toString()).toBe("abcdefg");
  expect({ opened: opened(), told }).toEqual({ opened: 1, told: [] });
});

test("without a chunk no mask is made", async () => {
  const { outlet, opened, written } = useOutlet("w");
  expect(await outlet.end()).toBeUndefined();
  expect({ opened: opened(), size: written().length }).toEqual({ opened: 0, size: 0 });
});

test("the source waits while much is waiting, and goes on when it is being written", async () => {
  const { outlet, told, written } = useOutlet("w");
  for (let index = 0; index < 5; index++) outlet.write(Buffer.alloc(64 * 1024, index));
  expect(told).toEqual(["pause"]);
  await outlet.end();
  expect(told).toEqual(["pause", "resume"]);
  expect(written().length).toBe(5 * 64 * 1024);
});

test("a descriptor that cannot be written stops the source once and is told at the end", async () => {
  const { outlet, told } = useOutlet("r");
  outlet.write(Buffer.from("one"));
  await outlet.settled();
  outlet.write(Buffer.from("two"));
  expect(await outlet.end()).toMatchObject({ code: "EBADF" });
  expect(told).toEqual(["stop"]);
});
