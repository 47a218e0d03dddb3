import { expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { createBinary, parseBinaryDocument } from "../../src/sops/binary.js";
import type { SopsTree } from "../../src/sops/document.js";

const sealed = { type: "str", value: "ENC[AES256_GCM,data:aa,iv:bb,tag:cc,type:str]" } as const;

test("a new file is JSON with the one value", async () => {
  const bytes = Buffer.from(await createBinary(new Map([["data", sealed]])));
  expect(bytes.toString()).toBe(`{\n\t"data": "${sealed.value}"\n}\n`);
  const document = await parseBinaryDocument(bytes, "a.bin");
  expect(document.locate("data").leaf?.scalar).toEqual(sealed);
});

test.each<[string, ReadonlyMap<string, SopsTree>]>([
  ["another name", new Map([["content", sealed]])],
  [
    "two values",
    new Map([
      ["data", sealed],
      ["more", sealed],
    ]),
  ],
  ["a map", new Map([["data", new Map()]])],
  ["nothing", new Map()],
  ["bytes that are not encrypted", new Map([["data", { type: "bytes", value: Buffer.of(255) } as const]])],
])("%s is refused", async (_name, tree) => {
  const code = await createBinary(tree).catch((error: unknown) => isSecretsError(error) && error.code);
  expect(code).toBe("invalid_input");
});
