import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unarmored } from "../../src/gpg/armor.js";
import { isAccepted } from "../../src/gpg/decrypt.js";
import { statusesOfFiles } from "../../src/gpg/file-statuses.js";
import { parseKeyBlocks, parseKeys } from "../../src/gpg/keyring.js";
import { messageShape, parseFileRecipients } from "../../src/gpg/openpgp.js";
import { parseStatus } from "../../src/gpg/status.js";
import { fuzzRuns, mutate, mutations } from "../support/fuzz.js";

const numRuns = fuzzRuns(300);

/** Gives a packet with any form of length the format has (RFC 4880 section 4.2). */
const packet = (tag: number, body: Buffer, form: number): Buffer => {
  const size = body.length;
  const four = Buffer.alloc(4);
  four.writeUInt32BE(size);
  const two = Buffer.from([size >> 8, size & 0xff]);
  const old = (kind: number) => 0x80 | (tag << 2) | kind;
  const forms = [
    () => (size < 192 ? [0xc0 | tag, size] : [0xc0 | tag, 192 + ((size - 192) >> 8), (size - 192) & 0xff]),
    () => [0xc0 | tag, 255, ...four],
    () => (tag < 16 ? [old(1), ...two] : [0xc0 | tag, 255, ...four]),
    () => (tag < 16 ? [old(2), ...four] : [0xc0 | tag, 255, ...four]),
  ];
  const head = forms[form % forms.length]?.() ?? [];
  return Buffer.concat([Buffer.from(head), body]);
};
/** A body in parts of 512 bytes, and the rest. */
const inParts = (tag: number, body: Buffer): Buffer => {
  const parts: Buffer[] = [Buffer.of(0xc0 | tag)];
  let at = 0;
  for (; body.length - at >= 700; at += 512) parts.push(Buffer.of(224 + 9), body.subarray(at, at + 512));
  const rest = body.subarray(at);
  return Buffer.concat([...parts, packet(tag, rest, 0).subarray(1)]);
};
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((each) => Buffer.from(each));
const sessionKey = fc
  .tuple(fc.uint8Array({ minLength: 8, maxLength: 8 }), bytes(100), fc.nat({ max: 3 }))
  .map(([keyId, rest, form]) => packet(1, Buffer.concat([Buffer.of(3), keyId, rest]), form));
const data = fc
  .tuple(bytes(2000), fc.nat({ max: 3 }), fc.boolean())
  .map(([body, form, parted]) => (parted ? inParts(18, body) : packet(18, body, form)));
const message = fc
  .tuple(fc.array(sessionKey, { minLength: 1, maxLength: 4 }), data)
  .map(([keys, encrypted]) => Buffer.concat([...keys, encrypted]));

/** The tags of a message by the plain words of the RFC, without any other thing the code under test does. */
function tagsOf(whole: Buffer): readonly number[] | undefined {
  const tags: number[] = [];
  let at = 0;
  while (at < whole.length) {
    const first = whole[at] ?? 0;
    if (first < 128) return undefined;
    const isNew = first >= 192;
    tags.push(isNew ? first - 192 : Math.floor((first - 128) / 4));
    if (!isNew) {
      const kind = first % 4;
      if (kind === 3) return tags;
      const width = [1, 2, 4][kind] ?? 0;
      if (at + 1 + width > whole.length) return undefined;
      at += 1 + width + whole.readUIntBE(at + 1, width);
      continue;
    }
    at += 1;
    for (;;) {
      const one = whole[at];
      if (one === undefined) return undefined;
      if (one < 192) {
        at += 1 + one;
        break;
      }
      if (one < 224) {
        if (at + 1 >= whole.length) return undefined;
        at += 2 + (one - 192) * 256 + (whole[at + 1] ?? 0) + 192;
        break;
      }
      if (one === 255) {
        if (at + 5 > whole.length) return undefined;
        at += 5 + whole.readUInt32BE(at + 1);
        break;
      }
      at += 1 + 2 ** (one - 224);
    }
  }
  return at === whole.length ? tags : undefined;
}

describe("whatever is made of a message", () => {
  test("each that gpg could have written is taken for encrypted", () => {
    fc.assert(
      fc.property(message, (whole) => {
        expect(messageShape(whole)).toBe("encrypted");
        expect(parseFileRecipients(whole).kind).toBe("encrypted");
      }),
      { numRuns },
    );
  });

  test("only session keys and then protected data, from the first byte to the last, are taken for encrypted", () => {
    fc.assert(
      fc.property(message, mutations, (whole, changes) => {
        const changed = mutate(whole, changes);
        const tags = tagsOf(changed);
        const heads = tags?.slice(0, -1) ?? [];
        const isWhole =
          heads.includes(1) && heads.every((tag) => tag === 1 || tag === 3) && [18, 20].includes(tags?.at(-1) ?? 0);
        expect(messageShape(changed) === "encrypted").toBe(isWhole);
      }),
      { numRuns },
    );
  });

  test("a literal, a signature or compressed data at its beginning is never taken for encrypted", () => {
    const planted = fc.tuple(fc.constantFrom(2, 4, 8, 11), bytes(60), fc.nat({ max: 3 }), message);
    fc.assert(
      fc.property(planted, ([tag, body, form, whole]) => {
        expect(messageShape(Buffer.concat([packet(tag, body, form), whole]))).not.toBe("encrypted");
        expect(messageShape(Buffer.concat([whole, packet(tag, body, form)]))).not.toBe("encrypted");
      }),
      { numRuns },
    );
  });

  test("armored, it is its bytes; and with any damage to that, its bytes or nothing", () => {
    fc.assert(
      fc.property(message, mutations, (whole, changes) => {
        const text = armored(whole);
        expect(unarmored(text)).toEqual(whole);
        const changed = mutate(text, changes);
        const found = unarmored(changed);
        const isBinary = (changed[0] ?? 0x80) >= 0x80;
        // The checksum may be left out; without it, only gpg finds the damage.
        const isUnchecked = !changed.includes(text.subarray(-32));
        expect(found === undefined || (isBinary ? found === changed : isUnchecked || whole.equals(found))).toBe(true);
      }),
      { numRuns },
    );
  });
});

test("of the status lines of many files, only what stands between a file's own start and end makes it good", () => {
  const events = (name: string) => [
    `FILE_START 3 ${name}`,
    "ENC_TO AA 18 0",
    "PLAINTEXT 62 0 ",
    "PLAINTEXT_LENGTH 3",
    "DECRYPTION_OKAY",
    "GOODMDC",
    "FILE_DONE",
  ];
  const names = ["/m/0.gpg", "/m/1.gpg", "/m/2.gpg"];
  const good = names.flatMap(events);
  const line = fc.constantFrom(
    ...good,
    "DECRYPTION_FAILED",
    "ERROR x 1",
    "FILE_START 2 /m/0.gpg",
    "PLAINTEXT 62 0 \\[GNUPG:] GOODMDC",
  );
  const change = fc.tuple(fc.nat(), fc.constantFrom("remove", "insert", "swap"), line);
  fc.assert(
    fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
      const lines = [...good];
      for (const [at, kind, other] of changes) {
        const index = at % (lines.length + 1);
        if (kind === "remove") lines.splice(index, 1);
        else if (kind === "insert") lines.splice(index, 0, other);
        else lines.splice(index, 2, ...lines.slice(index, index + 2).toReversed());
      }
      const statuses = statusesOfFiles(parseStatus(lines.map((each) => `[GNUPG:] ${each}\n`).join("")));
      for (const name of names) {
        const status = statuses.get(name);
        if (status === undefined || !isAccepted(status, 3)) continue;
        const start = lines.indexOf(`FILE_START 3 ${name}`);
        const own = lines.slice(start + 1, lines.indexOf("FILE_DONE", start));
        expect(lines.filter((each) => each === `FILE_START 3 ${name}`)).toHaveLength(1);
        expect(own.filter((each) => each.startsWith("PLAINTEXT "))).toHaveLength(1);
        expect(own).toEqual(expect.arrayContaining(["DECRYPTION_OKAY", "GOODMDC"]));
        expect(own.some((each) => /^(?:FILE_START|DECRYPTION_FAILED|ERROR)/.test(each))).toBe(false);
      }
    }),
    { numRuns },
  );
});

test("any listing of keys comes to an end, with ids of hex digits where gpg writes them", () => {
  const piece = fc.constantFrom(
    "pub",
    "fpr",
    "uid",
    "sec",
    "sub",
    ":",
    "::::",
    "\n",
    "u",
    "0123456789ABCDEF",
    "#",
    "a <b@c>",
    "\r",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join("");
      for (const { keyId } of parseKeys(text)) expect(keyId).not.toMatch(/[:\n]/);
      for (const { fingerprints, users } of parseKeyBlocks(text))
        expect([...fingerprints, ...users].join("")).not.toMatch(/[:\n]/);
    }),
    { numRuns },
  );
});

function armored(whole: Buffer): Buffer {
  const body = whole.toString("base64").replace(/.{1,64}/g, (line) => `${line}\n`);
  const sum = Buffer.alloc(3);
  sum.writeUIntBE(crc24(whole), 0, 3);
  return Buffer.from(
    `-----BEGIN PGP MESSAGE-----\n\n${body}=${sum.toString("base64")}\n-----END PGP MESSAGE-----\n`,
    "latin1",
  );
}

/** RFC 4880 section 6.1, bit by bit on a number that is not cut to 32 bits. */
function crc24(whole: Buffer): number {
  let crc = 0xb704ce;
  for (const byte of whole) {
    for (let bit = 7; bit >= 0; bit--) {
      const carry = Math.floor(crc / 0x800000) % 2 !== (byte >> bit) % 2;
      crc = (crc * 2) % 0x1000000;
      if (carry) crc ^= 0x864cfb;
    }
  }
  return crc;
}
