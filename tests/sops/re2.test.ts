import { describe, expect, test } from "vitest";
import { compileRe2 } from "../../src/sops/re2.js";

/** As Go's `regexp.MatchString` answers; several of these differ in JavaScript. */
test.each([
  ["^.$", "𝄞", true],
  ["^..$", "𝄞", false],
  ["(?i)k", "\u212a", true],
  ["(?i)ß", "SS", false],
  ["\\w", "é", false],
  ["^\\pL+$", "ключ", true],
  ["a$", "a\n", false],
  ["(?m)a$", "a\nb", true],
  ["(?s)^a.b$", "a\nb", true],
  ["\\Qa.b\\E", "axb", false],
  ["(?P<name>x)", "x", true],
  ["^(data|stringData)$", "metadata", false],
  ["", "anything", true],
] as const)("%s on %j: %s", (expression, text, matches) => {
  expect(compileRe2(expression)?.test(text)).toBe(matches);
});

describe("what RE2 refuses, and what would be too long for anybody,", () => {
  test.each(["(?=a)", "(?<!a)b", "(a)\\1", "a**", "[z-a]", "a{1001}", "\\C", "(", "a".repeat(4097)])(
    "is refused: %.20s",
    (expression) => {
      expect(compileRe2(expression)).toBeUndefined();
    },
  );
});
