import { expect, test } from "vitest";
import { masksFor } from "../../../src/delivery/run/masks.js";
import { Secret } from "../../../src/domain/secret.js";

const secret = (name: string, value: string) => new Secret(name, Buffer.from(value));

async function masked(secrets: readonly Secret[], text: string): Promise<string> {
  const { write, end } = await masksFor(secrets, () => undefined)();
  return Buffer.concat([write(Buffer.from(text)), end()]).toString();
}

test("a value of several lines is masked as a terminal prints it, short lines and all", async () => {
  const secrets = [secret("key", "ab\nthe middle\ncd")];
  expect(await masked(secrets, "<ab\nthe middle\ncd>")).toBe("<[secret key]>");
  expect(await masked(secrets, "<ab\r\nthe middle\r\ncd>")).toBe("<[secret key]>");
});

test("values too short are told once, however many streams there are, and empty ones not at all", async () => {
  const told: string[] = [];
  const open = masksFor([secret("pin", "123"), secret("none", ""), secret("key", "long enough")], (line) =>
    told.push(line),
  );
  expect(told).toEqual([]);
  await Promise.all([open(), open()]);
  expect(told).toEqual(["the value of pin is shorter than 4 characters and not masked in the output"]);
});

test("each stream has a state of its own", async () => {
  const open = masksFor([secret("key", "long enough")], () => undefined);
  const [one, other] = await Promise.all([open(), open()]);
  const said = [one.write(Buffer.from("long ")), other.write(Buffer.from("enough")), one.end(), other.end()];
  expect(Buffer.concat(said).toString()).toBe("enoughlong ");
});
