import { expect, test } from "vitest";
import { isEnvFileName, plaintextVariables } from "../../src/scan/env-file.js";

const found = (text: string) => plaintextVariables(Buffer.from(text)).map(({ name, line }) => `${line} ${name}`);

test.each([".env", ".env.local", ".env.production", ".ENV", ".env.keys"])("`%s` is an env file", (name) => {
  expect(isEnvFileName(name)).toBe(true);
});

test.each([".env.example", ".env.sample", ".env.template", ".env.dist", ".env.vault", "env", ".envrc", "my.env.ts"])(
  "`%s` is no env file with values",
  (name) => expect(isEnvFileName(name)).toBe(false),
);

test("variables with plaintext are found by line, also those of a name that says nothing", () => {
  expect(found("# a comment\nexport TOKEN='db-1'\n\nNAME=hunter2\n")).toEqual(["2 TOKEN", "4 NAME"]);
});

test("blanks, placeholders, switches, ports, references and ciphertext are no plaintext", () => {
  const text =
    "A=\nB=your-token-here\nC=true\nD=5432\nE=${TOKEN}\nF=$TOKEN\nG='${{ secrets.TOKEN }}'\nH=encrypted:BDq\n";
  expect(found(text)).toEqual([]);
});

test("a file that SOPS encrypted is none, its own fields included", () => {
  expect(found("A=ENC[AES256_GCM,data:x]\nsops_version=3.13.2\n")).toEqual([]);
  expect(found("sops_version=3.13.2-alpha\n")).toEqual(["1 sops_version"]);
});

test("the encoding of a file does not hide what it holds, and noise holds nothing", () => {
  const text = "# caf\u00e9\r\nTOKEN=something\r\n";
  const little = Buffer.from(`\ufeff${text}`, "utf16le");
  for (const bytes of [Buffer.from(text, "latin1"), little, Buffer.from(little).swap16()]) {
    expect(plaintextVariables(bytes)).toEqual([{ name: "TOKEN", line: 2 }]);
  }
  expect(plaintextVariables(Buffer.from("\0\xff\nTOKEN=something\n", "latin1"))).toEqual([]);
});

test("a file no reader of ours accepts is plaintext all the same", () => {
  expect(found('this is no assignment\nTOKEN="open quote\nNAME = other\n')).toEqual(["2 TOKEN", "3 NAME"]);
});
