import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRecord, maximumRecordBytes, noHash, parseRecord } from "../../src/audit/canonical.js";
import { decision, outcome } from "./events.js";

const at = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

describe("an audit record", () => {
  it("is one line of JSON with the documented keys in their order", () => {
    const { line, hash } = formatRecord(decision({ reason: "deploy" }), at, noHash);
    expect(line).toBe(
      `{"version":1,"time":"2026-01-02T03:04:05.006Z","event":"decision","id":"0f4c7be2-8a40-4d5b-8d4c-0f8d9d0f2f11",` +
        `"role":"loader","environment":"dev","machine":"monolith","assurance":"claimed","principal":"marketdata",` +
        `"action":"read","ref":"databento_api_key","store":"red","verdict":"allow",` +
        `"rule":"marketdata_access.allowed_principals","reasons":["principal \`marketdata\` is allowed"],` +
        `"reason":"deploy","previous":"${noHash}","hash":"${hash}"}\n`,
    );
  });

  it("hashes the record without its hash, as any SHA-256 tool would", () => {
    const { line, hash } = formatRecord(outcome(), at, noHash);
    const body = line.replace(/,"hash":"[0-9a-f]{64}"\}\n$/, "}");
    expect(createHash("sha256").update(body).digest("hex")).toBe(hash);
    expect(parseRecord(line.trimEnd())).toMatchObject({ outcome: "value", duration: 1.25, hash });
  });

  it("does not repeat what was asked for when that is not a name, because it may be a value", () => {
    const { line } = formatRecord(decision({ ref: "sk-live-canary" }), at, noHash);
    expect(line).not.toContain("canary");
    expect(parseRecord(line.trimEnd())?.ref).toBe("(not a name)");
  });

  it("stays one bounded line that parses again, whatever the caller passes", () => {
    const text = fc.string({ unit: "binary", maxLength: 400 });
    fc.assert(
      fc.property(
        text,
        text,
        fc.array(text, { maxLength: 20 }),
        fc.double({ noNaN: true }),
        (a, b, reasons, number) => {
          const identity = { role: a, environment: b, machine: a + b, app: b, substrate: a };
          for (const event of [
            decision({ identity, reasons, reason: a, principal: b, store: a, rule: b }),
            outcome({ identity, durationMilliseconds: number, ref: a }),
          ]) {
            const { line, hash } = formatRecord(event, at, noHash);
            expect(line.indexOf("\n")).toBe(line.length - 1);
            expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maximumRecordBytes);
            expect(parseRecord(line.slice(0, -1))?.hash).toBe(hash);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("is not written for an event that does not fit its type", () => {
    expect(() => formatRecord(decision({ verdict: Object("maybe") }), at, noHash)).toThrow(/malformed/);
    expect(() => formatRecord(decision(), at, "not a hash")).toThrow(/malformed/);
  });

  it("is refused when any byte of it differs", () => {
    const { line } = formatRecord(outcome(), at, noHash);
    const bytes = Buffer.from(line.slice(0, -1));
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(parseRecord(changed.toString("latin1"))).toBeUndefined();
    }
  });

  it.each([
    ["another spelling of the same JSON", (line: string) => line.replace(`"version":1`, `"version": 1`)],
    ["keys in another order", (line: string) => line.replace(/("role":"loader"),("environment":"dev")/, "$2,$1")],
    ["an unknown key", (line: string) => line.replace(`"role"`, `"value":"x","role"`)],
    ["a key twice", (line: string) => line.replace(`"role":"loader"`, `"role":"a","role":"loader"`)],
    ["a word that is no outcome", (line: string) => line.replace(`"outcome":"value"`, `"outcome":"hunter2"`)],
    ["a negative duration", (line: string) => line.replace(`"duration":1.25`, `"duration":-1`)],
  ])("is refused with %s, even when its hash fits", (_case, change) => {
    const changed = change(formatRecord(outcome(), at, noHash).line.trimEnd());
    const body = changed.replace(/,"hash":"[0-9a-f]{64}"\}$/, "}");
    const hash = createHash("sha256").update(body).digest("hex");
    expect(parseRecord(`${body.slice(0, -1)},"hash":"${hash}"}`)).toBeUndefined();
  });
});
