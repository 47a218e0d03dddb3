import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writtenForm } from "../../src/gopass/written-form.js";
import { valueOfBody } from "../../src/password-store/body.js";

const latin1 = (text: string) => Buffer.from(text, "latin1");

/** What gopass does to a body on its way in and out, as seen with 1.16.1. */
function throughGopass({ command, input }: ReturnType<typeof writtenForm>): Buffer {
  if (command === "cat") {
    const encoded = Buffer.from(input).toString("base64");
    const header = '\nContent-Disposition: attachment; filename="STDIN"\nContent-Transfer-Encoding: Base64\n';
    return latin1(`${header}${encoded}\n`);
  }
  const lines = Buffer.from(input).toString("latin1").replace(/\n$/, "").split("\n");
  const kept = lines.map((line) => `${line.replace(/\r$/, "")}\n`).join("");
  return latin1(kept.replace(/^GOPASS-SECRET-1\.0\n/, ""));
}

describe("the form a value is written in", () => {
  test("text that gopass keeps is written as text", () => {
    const values = [
      "pw",
      "",
      "a\nb: c\n\n",
      "a\rb",
      "☃",
      "x gopass://y",
      "x ---\n ---",
      "-----BEGIN KEY-----\nAA\n-----END KEY-----",
    ];
    expect(values.filter((value) => writtenForm(Buffer.from(value)).command !== "insert")).toEqual([]);
  });

  test("what gopass would change, and what is no text, is written in its binary form", () => {
    const values = [
      "a\r\nb",
      "a\r",
      "pw\n---\na: 0123",
      "pw\n---",
      "---",
      "pw\n----",
      "pw\n-----BEGIN a: b-----",
      "gopass://x",
      "GOPASS-SECRET-1.0",
      "\0",
      "\xff",
      "\ncontent-transfer-encoding: base64\nAAEC",
    ];
    expect(values.filter((value) => writtenForm(latin1(value)).command !== "cat")).toEqual([]);
  });

  test("any bytes come back as they were", () => {
    const pieces = fc.constantFrom(
      "\n",
      "\r",
      "\r\n",
      "\0",
      "a",
      "key: v",
      "---",
      "gopass://",
      "GOPASS-SECRET-1.0\n",
      "\xff",
      "content-transfer-encoding: base64\n",
    );
    const texts = fc.array(pieces, { maxLength: 8 }).map((parts) => latin1(parts.join("")));
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
        ),
        (value) => {
          expect(Buffer.from(valueOfBody(throughGopass(writtenForm(value))))).toEqual(Buffer.from(value));
        },
      ),
    );
  });
});
