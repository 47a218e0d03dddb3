import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "../../src/domain/secret.js";
import { InvalidInputError } from "../../src/errors.js";
import { createRedactor } from "../../src/redaction/redactor.js";
import type { Redactor } from "../../src/redaction/redactor.js";
import { smallValue, anyValue, secretsOf, textOf, cases, chunksOf, inChunks } from "./cases.js";
import { naiveRedact } from "./naive.js";

const timeout = 60_000;

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

test("any chunking gives what redacting the whole gives", { timeout }, () => {
  fc.assert(
    fc.property(cases(anyValue), ({ secrets, text, sizes }) => {
      const redactor = createRedactor(secrets);
      expect(latin1(inChunks(redactor, chunksOf(text, sizes)))).toBe(latin1(redactor.redact(text)));
    }),
    { numRuns: 500 },
  );
});

test("every byte of every form is masked, and no other byte is", { timeout }, () => {
  fc.assert(
    fc.property(cases(anyValue), ({ secrets, text }) => {
      expect(latin1(createRedactor(secrets).redact(text))).toBe(latin1(naiveRedact(secrets, text)));
    }),
    { numRuns: 500 },
  );
});

test("a text without values is not changed at all, invalid UTF-8 included", () => {
  const redactor = createRedactor([{ name: "s", value: "QQQQQQQQ" }]);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (text, sizes) => {
        const bytes = text.filter((byte) => byte !== 0x51);
        expect(latin1(inChunks(redactor, chunksOf(bytes, sizes)))).toBe(latin1(bytes));
        expect(redactor.redact(bytes)).toBe(bytes);
      },
    ),
  );
});

const said = (redactor: Redactor, ...chunks: readonly string[]) => {
  const stream = redactor.open();
  return [...chunks.map((chunk) => stream.write(Buffer.from(chunk))), stream.end()].map((bytes) =>
    Buffer.from(bytes).toString(),
  );
};

test("a value whose end repeats its beginning is masked where a chunk ends in its middle", () => {
  const redactor = createRedactor([{ name: "key", value: "abc123xyzabc" }]);
  expect(said(redactor, "abc123xyzabc")).toEqual(["", "[secret key]"]);
  expect(said(redactor, "abc123xyz", "abc", "123xyzabc.")).toEqual(["", "", "[secret key].", ""]);
});

test("a value that comes slowly is never let through by waiting", () => {
  const redactor = createRedactor([{ name: "key", value: "correct horse" }]);
  const chunks = [..."correct horse"];
  expect(said(redactor, ...chunks, "!")).toEqual([...chunks.slice(1).map(() => ""), "[secret key]", "!", ""]);
});

test("a character cut between two chunks stays whole", () => {
  const redactor = createRedactor([{ name: "key", value: "pässwörd" }]);
  const bytes = Buffer.from("€ pässwörd €");
  for (let cut = 0; cut <= bytes.length; cut++) {
    const out = inChunks(redactor, [new Uint8Array(bytes.subarray(0, cut)), new Uint8Array(bytes.subarray(cut))]);
    expect(out.toString()).toBe("€ [secret key] €");
  }
});

test("a value that another begins with does not uncover the end of the longer one", () => {
  const redactor = createRedactor([
    { name: "short", value: "token" },
    { name: "long", value: "token-with-tail" },
  ]);
  expect(said(redactor, "token", "-with-tail", " token", "-without")).toEqual([
    "",
    "[secret long]",
    " ",
    "[secret short]-withou",
    "t",
  ]);
  expect(redactor.redact("token-with-tailtoken")).toBe("[secret long][secret short]");
});

test("the replacement is data, and what it begins no value", () => {
  const redactor = createRedactor([
    { name: "$&$1\\1", value: "first value" },
    { name: "b", value: "secret b" },
  ]);
  expect(redactor.redact("first value")).toBe("[secret $&$1\\1]");
  expect(redactor.redact("secret b")).toBe("[secret b]");
});

test("values that only touch have a marker each; those that overlap have one", () => {
  const redactor = createRedactor([
    { name: "one", value: "abcdef" },
    { name: "two", value: "efghijkl" },
    { name: "three", value: "aaaa" },
  ]);
  expect(redactor.redact("abcdefabcdef")).toBe("[secret one][secret one]");
  expect(redactor.redact("abcdefghijkl")).toBe("[secret two]");
  expect(redactor.redact("aaaaaaa")).toBe("[secret three]");
  const alike = createRedactor(["abcdef", "defghi"].map((value) => ({ name: value, value })));
  expect(alike.redact("abcdefghi")).toBe("[secret abcdef]");
});

test("of base64 all that belongs to the value is masked, its padding too, however it is cut", () => {
  const redactor = createRedactor([{ name: "key", value: "a value of ten" }]);
  for (const [encoded, masked] of [
    ["YSB2YWx1ZSBvZiB0ZW4=", "[secret key]"],
    ["YSB2YWx1ZSBvZiB0ZW4", "[secret key]"],
    ["YSB2YWx1ZSBvZiB0ZW4hIQ==", "[secret key]hIQ=="],
    ["MGEgdmFsdWUgb2YgdGVuIQ==", "MG[secret key]IQ=="],
    ["MDFhIHZhbHVlIG9mIHRlbg==", "MDF[secret key]"],
    ["MDFhIHZhbHVlIG9mIHRlbg", "MDF[secret key]"],
    ["MDFhIHZhbHVlIG9mIHRlbiE=", "MDF[secret key]E="],
    // Another character than the value's last bits allow, as after a value that only begins so.
    ["MDFhIHZhbHVlIG9mIHRlbz==", "MDF[secret key]z=="],
  ] as const) {
    expect(redactor.redact(encoded)).toBe(masked);
    expect(said(redactor, ...encoded).join("")).toBe(masked);
  }
});

test("two names of one value show the first", () => {
  const values = ["first", "second"].map((name) => ({ name, value: "same value" }));
  expect(createRedactor(values).redact("same value")).toBe("[secret first]");
});

test("a value added later is masked from the next chunk on, the held back end included", () => {
  const redactor = createRedactor([{ name: "one", value: "abcdef" }]);
  const stream = redactor.open();
  expect(Buffer.from(stream.write(Buffer.from("abc"))).toString()).toBe("");
  redactor.add({ name: "two", value: "abcxyz" });
  redactor.add(new Secret("three", Buffer.from("third value")));
  expect(Buffer.from(stream.write(Buffer.from("xyz third value"))).toString()).toBe("[secret two] [secret three]");
});

test("a lone surrogate stays as it is, and a character of which a binary value covers a part is masked whole", () => {
  const redactor = createRedactor([
    { name: "text", value: "värde" },
    { name: "binary", value: Uint8Array.of(0xa9, 0xc3, 0xa9, 0xc3) },
  ]);
  expect(redactor.redact("\ud800 värde 😀 \udc00")).toBe("\ud800 [secret text] 😀 \udc00");
  expect(redactor.redact("\ud800 nothing")).toBe("\ud800 nothing");
  expect(redactor.redact("xéééy")).toBe("x[secret binary]y");
});

test("a text is masked as its bytes are", { timeout }, () => {
  fc.assert(
    fc.property(
      secretsOf(smallValue).chain((secrets) => fc.tuple(fc.constant(secrets), textOf(secrets))),
      ([secrets, bytes]) => {
        const text = bytes.toString();
        const redactor = createRedactor(secrets);
        expect(redactor.redact(text)).toBe(Buffer.from(redactor.redact(Buffer.from(text))).toString());
      },
    ),
    { numRuns: 200 },
  );
});

test("values that are too short are named and not masked", () => {
  const redactor = createRedactor([
    { name: "empty", value: "" },
    { name: "three", value: "abc" },
    { name: "line", value: "abc\n" },
    { name: "four", value: "abcd" },
  ]);
  expect(redactor.unmasked).toEqual(["empty", "three", "line"]);
  expect(redactor.redact("abc abcd")).toBe("abc [secret four]");
  expect(createRedactor().redact("abc")).toBe("abc");
});

test("nothing is held back behind a byte that is in no value", { timeout }, () => {
  fc.assert(
    fc.property(cases(smallValue), ({ secrets, text, sizes }) => {
      const redactor = createRedactor(secrets);
      const stream = redactor.open();
      const chunks = chunksOf(text, sizes).map((chunk) => Buffer.concat([chunk, Buffer.of(0)]));
      const out = chunks.map((chunk) => latin1(stream.write(chunk)));
      expect(out).toEqual(chunks.map((chunk) => latin1(redactor.redact(chunk))));
      expect(stream.end().byteLength).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test("what is kept of an endless text is never more than the longest form", () => {
  const almost = createRedactor([{ name: "key", value: `${"a".repeat(100)}b` }]).open();
  const same = createRedactor([{ name: "key", value: "aaaa" }]).open();
  for (let fed = 7, passed = 0; fed < 7000; fed += 7) {
    passed += almost.write(Buffer.alloc(7, "a")).byteLength;
    expect(fed - passed).toBe(Math.min(fed, 100));
    expect(same.write(Buffer.alloc(7, "a")).byteLength).toBe(0);
  }
  expect(Buffer.from(same.write(Buffer.from("."))).toString()).toBe("[secret key].");
});

test("what is neither text nor bytes is refused", () => {
  const redactor = createRedactor([{ name: "key", value: "a value" }]);
  for (const wrong of [undefined, 1, { length: 1 }] as unknown as readonly string[]) {
    expect(() => redactor.redact(wrong)).toThrow(InvalidInputError);
    expect(() => redactor.add({ name: "key", value: wrong })).toThrow(InvalidInputError);
    expect(() => redactor.add({ name: "", value: "a value" })).toThrow(InvalidInputError);
  }
  expect(() => redactor.open().write("text" as unknown as Uint8Array)).toThrow(InvalidInputError);
});
