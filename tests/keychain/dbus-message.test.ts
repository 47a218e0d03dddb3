import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { booleanIn, decodeMessage, encodeCall } from "../../src/keychain/dbus-message.js";

/** What gnome-keyring 42.1 answered, through dbus-daemon 1.14.10, when asked for `Locked` of an unlocked collection. */
const reply = Buffer.from(
  [
    "6c02010108000000050000002d000000", // little-endian, return, no reply expected, version 1; body 8, serial 5, fields 45
    "06017300040000003a312e3100000000", // destination `:1.1`
    "0801670001760000", // signature `v`
    "0501750002000000", // reply serial 2
    "07017300040000003a312e3000000000", // sender `:1.0`, padding
    "0162000000000000", // variant of a boolean: false
  ].join(""),
  "hex",
);

describe("messages of D-Bus", () => {
  test("a call has the form of the specification", () => {
    const call = encodeCall({ serial: 7, destination: "a.b", path: "/c", interface: "d.e", member: "F", words: ["g"] });
    const expected = [
      "6c010001060000000700000047000000", // little-endian, call, version 1; body 6, serial 7, fields 71
      "01016f00020000002f63000000000000", // path `/c`
      "0201730003000000642e650000000000", // interface `d.e`
      "03017300010000004600000000000000", // member `F`
      "0601730003000000612e620000000000", // destination `a.b`
      "0801670001730000", // signature `s`, padding of the header
      "010000006700", // `g`
    ];
    expect(call.toString("hex")).toBe(expected.join(""));
  });

  test("a reply is found and read, however it is cut", () => {
    for (let length = 0; length < reply.length; length++) {
      expect(decodeMessage(reply.subarray(0, length))).toBeUndefined();
    }
    const message = decodeMessage(Buffer.concat([reply, reply]));
    expect(message).toMatchObject({ replySerial: 2, length: reply.length });
    expect(message && booleanIn(message.body)).toBe(false);
  });

  test("every call is a message of its own length, and answers none", () => {
    const name = fc.string({ maxLength: 40 });
    fc.assert(
      fc.property(
        name,
        name,
        name,
        name,
        fc.array(fc.string(), { maxLength: 5 }),
        (destination, path, face, member, words) => {
          const bytes = encodeCall({ serial: 1, destination, path, interface: face, member, words });
          expect(decodeMessage(bytes)).toMatchObject({ replySerial: undefined, length: bytes.length });
        },
      ),
    );
  });

  test("bytes of any kind are read or refused, and end", () => {
    const changed = fc.tuple(fc.nat(reply.length - 1), fc.integer({ min: 0, max: 255 }));
    const mutated = fc.array(changed, { minLength: 1, maxLength: 6 }).map((changes) => {
      const bytes = Buffer.from(reply);
      for (const [index, byte] of changes) bytes[index] = byte;
      return bytes;
    });
    const outcome = (bytes: Buffer): string => {
      try {
        const message = decodeMessage(bytes);
        return message === undefined || message.length > 0 ? "read" : "of no length";
      } catch (error) {
        return error instanceof RangeError ? "refused" : "a foreign error";
      }
    };
    fc.assert(
      fc.property(
        fc.oneof(
          mutated,
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          expect(["read", "refused"]).toContain(outcome(bytes));
        },
      ),
    );
  });

  test("one that claims to be too long is refused before it is waited for", () => {
    for (const offset of [4, 12]) {
      const bytes = Buffer.from(reply);
      bytes.writeUInt32LE(0x7fff_ffff, offset);
      expect(() => decodeMessage(bytes)).toThrow(RangeError);
    }
  });

  test("only a variant with a boolean in it is one", () => {
    expect(booleanIn(Buffer.from("0162000001000000", "hex"))).toBe(true);
    for (const other of ["", "01620000", "0162000002000000", "0173000001000000", "016200000100000000"]) {
      expect(booleanIn(Buffer.from(other, "hex"))).toBeUndefined();
    }
  });
});
