import fc from "fast-check";
import { expect, it } from "vitest";
import { indexOfByte, joinBytes } from "../../src/files/bytes.js";

const bytes = fc.uint8Array({ max: 5, maxLength: 20 });

it("a byte is found where a Buffer finds it", () => {
  fc.assert(
    fc.property(bytes, fc.nat(6), fc.nat(22), (array, byte, from) => {
      expect(indexOfByte(array, byte, from)).toBe(Buffer.from(array).indexOf(byte, from));
      expect(indexOfByte(Buffer.from(array), byte)).toBe(Buffer.from(array).indexOf(byte));
    }),
  );
});

it("arrays are joined in their order, each whole", () => {
  fc.assert(
    fc.property(fc.array(bytes), (arrays) => {
      expect(joinBytes(arrays)).toEqual(Buffer.concat(arrays));
    }),
  );
});
