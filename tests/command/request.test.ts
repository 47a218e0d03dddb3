import * as fc from "fast-check";
import { expect, test } from "vitest";
import { requestBytes } from "../../src/command/request.js";

test("a read is one line of JSON", () => {
  const bytes = requestBytes({ action: "read", path: "db/password", store: "red" });
  expect(Buffer.from(bytes).toString()).toBe('{"version":1,"action":"read","path":"db/password","store":"red"}\n');
});

test("a write is one line and the bytes of the value, whatever is in either", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.uint8Array(), (path, value) => {
      const bytes = Buffer.from(requestBytes({ action: "write", path, store: "red" }, value));
      const end = bytes.indexOf("\n");
      const request: unknown = JSON.parse(bytes.subarray(0, end).toString());
      expect(request).toEqual({ version: 1, action: "write", path, store: "red", bytes: value.length });
      expect(bytes.subarray(end + 1)).toEqual(Buffer.from(value));
    }),
  );
});
