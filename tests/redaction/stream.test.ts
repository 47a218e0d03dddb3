import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { createRedactor } from "../../src/redaction/redactor.js";

const redactor = createRedactor([{ name: "key", value: "correct horse" }]);

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("a web stream is masked across its chunks, and what is held back comes at its end", async () => {
  const chunks = ["a corr", "ect hor", "se, correct hor"].map((text) => Buffer.from(text));
  expect(await textOf(ReadableStream.from(chunks).pipeThrough(redactor.stream()))).toBe("a [secret key], correct hor");
});

test("a Node stream is masked through its web form", async () => {
  const source = Readable.from([Buffer.from("correct "), Buffer.from("horse")]);
  const masked = Readable.fromWeb(
    (Readable.toWeb(source) as ReadableStream<Uint8Array>).pipeThrough(redactor.stream()) as Parameters<
      typeof Readable.fromWeb
    >[0],
  );
  let text = "";
  for await (const chunk of masked) text += Buffer.from(chunk as Uint8Array).toString();
  expect(text).toBe("[secret key]");
});

test("a reader that does not read stops the writer", async () => {
  const { writable, readable } = redactor.stream();
  const writer = writable.getWriter();
  const first = writer.write(Buffer.from("nobody reads"));
  expect(writer.desiredSize).toBe(0);
  const reader = readable.getReader();
  expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("nobody reads");
  await first;
});

test("a chunk that is no bytes fails the stream", async () => {
  const stream = ReadableStream.from(["text"]) as unknown as ReadableStream<Uint8Array>;
  await expect(textOf(stream.pipeThrough(redactor.stream()))).rejects.toThrow("a redactor takes text or bytes");
});
