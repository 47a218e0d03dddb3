import { expect, test } from "vitest";
import { shellWords } from "../../src/sops/shell-words.js";

test.each([
  ["op read op://vault/key", ["op", "read", "op://vault/key"]],
  ["  a\t b\nc ", ["a", "b", "c"]],
  [`pass 'a b' "c \\"d\\" \\\\"`, ["pass", "a b", `c "d" \\`]],
  [`a\\ b c''d "" `, ["a b", "cd", ""]],
  ["echo $HOME `id` $(id) ; rm", ["echo", "$HOME", "`id`", "$(id)", ";", "rm"]],
  ["a 'b", undefined],
  [`a "b`, undefined],
  ["a \\", undefined],
  ["   ", undefined],
  ["''", undefined],
])("%j is split without a shell", (text, words) => {
  expect(shellWords(text)).toEqual(words);
});
