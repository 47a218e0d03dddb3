import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import type { HelperReply } from "../../src/keychain/helper.js";
import { parseReply } from "../../src/keychain/reply.js";

const answer = fc.oneof(fc.string(), fc.boolean(), fc.constant(null));
const failure = fc.record({ at: fc.constantFrom("binding" as const, "keychain" as const), said: fc.string() });

function outcomeOf(text: string): string {
  try {
    return parseReply(text, 1).answers.length > 1 ? "too many answers" : "read";
  } catch (error) {
    return isSecretsError(error) ? error.code : "a foreign error";
  }
}

describe("the reply of the program that asks the keychain", () => {
  test("comes back as it was written", () => {
    fc.assert(
      fc.property(fc.array(answer), fc.option(failure), fc.nat(3), (answers, failed, more) => {
        const reply: HelperReply = failed === null ? { answers } : { answers, failure: failed };
        const count = answers.length + (failed === null ? 0 : more);
        expect(parseReply(JSON.stringify(reply), count)).toEqual(reply);
      }),
    );
  });

  test("with too few or too many answers is none: a missing one must not pass for an absent value", () => {
    const refused = /no reply that can be read$/;
    expect(() => parseReply('{"answers":[]}', 1)).toThrow(refused);
    expect(() => parseReply('{"answers":[null,null]}', 1)).toThrow(refused);
    expect(() => parseReply('{"answers":[null,null],"failure":{"at":"keychain","said":""}}', 1)).toThrow(refused);
  });

  test("of any other shape is refused, and its text is not shown", () => {
    const canary = "canary-of-the-reply";
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"answers":[${json}]}`),
      fc.json().map((json) => `{"answers":[null],"failure":${json}}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(["read", "unavailable"]).toContain(outcomeOf(text));
        expect(() => parseReply(`"${canary}${text}`, 1)).toThrow(/^(?:(?!canary).)*no reply that can be read$/);
      }),
    );
  });
});
