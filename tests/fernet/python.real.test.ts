import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeOlderStore, readOlderStore } from "../support/older-store.js";
import { pythonWith } from "../support/python.js";
import { useScratch } from "../support/scratch.js";

const scratch = useScratch();
const python = pythonWith("cryptography.fernet");

const rewrite = `
import json
from cryptography.fernet import Fernet
fernet = Fernet(open(".key", "rb").read())
data = json.loads(fernet.decrypt(open("secrets.enc", "rb").read()))
assert json.dumps(data, indent=2).encode() == fernet.decrypt(open("secrets.enc", "rb").read())
data["FROM_PYTHON"] = "p\\u00fc\\u20ac\\U0001f600\\x00\\x7f"
open("secrets.enc", "wb").write(fernet.encrypt(json.dumps(data, indent=2).encode()))
`;

test.skipIf(python === undefined)("Python's cryptography reads what is written here, and the other way round", () => {
  const directory = scratch();
  const values = { A_KEY: `${randomBytes(8).toString("hex")}"\\\n\t\0ü€😀\x7f/`, B_KEY: "" };
  makeOlderStore(directory, values);
  const { status, stderr } = spawnSync(python ?? "", ["-c", rewrite], { cwd: directory, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(readOlderStore(directory)).toEqual({ ...values, FROM_PYTHON: "pü€😀\0\x7f" });
  writeFileSync(join(directory, "secrets.enc"), "gAAAA");
  expect(() => readOlderStore(directory)).toThrow("not one whole Fernet token");
});
