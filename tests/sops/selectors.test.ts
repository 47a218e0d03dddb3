import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import type { ActiveComment, SopsPath } from "../../src/sops/document.js";
import { compileSelector, defaultSelector } from "../../src/sops/selectors.js";
import type { SelectorName } from "../../src/sops/selectors.js";

const chain = (...texts: readonly string[]) =>
  texts.reduce<ActiveComment | undefined>((previous, text) => ({ text, previous }), undefined);
const isEncrypted = async (
  name: SelectorName,
  text: string,
  path: SopsPath,
  comments?: ActiveComment,
  kind: "value" | "comment" = "value",
) => (await compileSelector({ name, text }, "a.yaml"))({ path, comments, kind });

describe("a selector of keys", () => {
  test.each([
    ["unencrypted_suffix", "_unencrypted", ["a", "b"], true],
    ["unencrypted_suffix", "_unencrypted", ["a_unencrypted", "b"], false],
    ["encrypted_suffix", "_secret", ["a", "b"], false],
    ["encrypted_suffix", "_secret", ["a_secret", 0, "b"], true],
    ["encrypted_regex", "^(data|stringData)$", ["stringData", "x"], true],
    ["encrypted_regex", "^(data|stringData)$", ["metadata", "x"], false],
    ["encrypted_regex", "(?i)PASS", ["db", "my_password"], true],
    ["unencrypted_regex", "^name", ["users", 3, "name"], false],
    ["unencrypted_regex", "^name", ["users", 3, "surname"], true],
    ["encrypted_regex", "^0$", ["list", 0], false],
  ] as const)("%s %s of %j: encrypted is %s", async (name, text, path, expected) => {
    expect(await isEncrypted(name, text, path)).toBe(expected);
  });

  test("that a file does not name is SOPS's default", async () => {
    const encrypts = await compileSelector(defaultSelector, "a.yaml");
    expect(encrypts({ path: ["x_unencrypted"], comments: undefined, kind: "value" })).toBe(false);
    expect(encrypts({ path: ["x"], comments: undefined, kind: "value" })).toBe(true);
  });
});

describe("a selector of comments", () => {
  test("looks at every comment in force", async () => {
    expect(await isEncrypted("encrypted_comment_regex", "sops:enc", ["a"], chain("sops:enc", "other"))).toBe(true);
    expect(await isEncrypted("encrypted_comment_regex", "sops:enc", ["a"], chain("other"))).toBe(false);
    expect(await isEncrypted("unencrypted_comment_regex", "sops:plain", ["a"], chain("sops:plain", "x"))).toBe(false);
    expect(await isEncrypted("unencrypted_comment_regex", "sops:plain", ["a"])).toBe(true);
  });

  test("does not encrypt the comment that switches encryption on, but those after it", async () => {
    expect(await isEncrypted("encrypted_comment_regex", "enc", [], chain("enc"), "comment")).toBe(false);
    expect(await isEncrypted("encrypted_comment_regex", "enc", [], chain("enc", "after"), "comment")).toBe(true);
    expect(await isEncrypted("unencrypted_comment_regex", "plain", [], chain("plain"), "comment")).toBe(false);
  });

  test("looks at each of 100,000 comments once, however many values they are in force at", async () => {
    let tested = 0;
    const texts = Array.from({ length: 100_000 }, (_, index) => `comment ${index}`);
    const encrypts = await compileSelector({ name: "encrypted_comment_regex", text: "never" }, "a.yaml");
    let comments: ActiveComment | undefined;
    for (const text of texts) {
      const previous: ActiveComment | undefined = comments;
      comments = {
        get text() {
          tested += 1;
          return text;
        },
        previous,
      };
      expect(encrypts({ path: ["a"], comments, kind: "value" })).toBe(false);
    }
    expect(tested).toBe(100_000);
  });
});

describe("a regular expression", () => {
  test.each(["(?=look)", "(?!a)b", "(a)\\1", "[", "a{1001}", "(?<=a)b", "*"])(
    "that RE2 refuses is refused: %s",
    async (text) => {
      const thrown: unknown = await compileSelector({ name: "encrypted_regex", text }, "a.yaml").then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(isSecretsError(thrown) && thrown.code).toBe("integrity");
    },
  );

  test("that is made to cost much is given up by count, not by the clock", async () => {
    const encrypts = await compileSelector({ name: "encrypted_regex", text: "(a{500}){2}$".repeat(50) }, "a.yaml");
    const leaf = { path: ["a".repeat(100_000)], comments: undefined, kind: "value" } as const;
    expect(() => encrypts(leaf)).toThrow("`a.yaml`: `encrypted_regex` takes too long");
  });

  test("that would make a backtracking engine hang does not", async () => {
    expect(await isEncrypted("encrypted_regex", "^(a+)+$", [`${"a".repeat(20_000)}!`])).toBe(false);
  });
});
