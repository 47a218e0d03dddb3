import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { globFault, parseGlob } from "../../src/domain/glob.js";

const matches = (pattern: string, path: string): boolean => parseGlob(pattern).matches(path);

describe("a pattern", () => {
  test.each([
    ["deploy/app.yaml", "deploy/app.yaml"],
    ["*.yaml", "app.yaml"],
    ["deploy/*.yaml", "deploy/app.yaml"],
    ["**/*.yaml", "app.yaml"],
    ["**/*.yaml", "a/b/c/app.yaml"],
    ["deploy/**", "deploy/a/b.txt"],
    ["a/**/b/**/c", "a/x/b/y/b/z/c"],
    ["**/a/b", "a/a/b"],
    ["?.txt", "é.txt"],
    ["?.txt", "🔑.txt"],
    ["{dev,prod}/*.{yaml,conf}", "prod/a.conf"],
    ["{a/b,c}/d", "a/b/d"],
    ["*a*b*c", "xaxbbxbc"],
    [".github/*.yml", ".github/ci.yml"],
    ["a.+()^$|", "a.+()^$|"],
  ])("%s matches %s", (pattern, path) => {
    expect(globFault(pattern)).toBeUndefined();
    expect(matches(pattern, path)).toBe(true);
  });

  test.each([
    ["*.yaml", "a/app.yaml"],
    ["*.yaml", "app.yml"],
    ["*", ".env"],
    ["**/*", ".git/config"],
    ["**", "a/.hidden/b"],
    ["?env", ".env"],
    ["deploy/*", "deploy"],
    ["a?c", "a/c"],
    ["a?c", "ac"],
    ["a.c", "abc"],
    ["{a,b}", "c"],
    ["A.yaml", "a.yaml"],
    ["a/**/b", "ab"],
  ])("%s does not match %s", (pattern, path) => {
    expect(globFault(pattern)).toBeUndefined();
    expect(matches(pattern, path)).toBe(false);
  });

  test.each([
    "",
    "/etc/passwd",
    "../other/*",
    "a/../b",
    "a//b",
    "./a",
    "a/",
    "a**",
    "**b/c",
    "!a",
    "[ab]",
    "a\\b",
    "{a,b",
    "a}",
    "{a,{b,c}}",
    "{a,b}}",
    "a\nb",
    "{a,b}".repeat(7),
    "x".repeat(513),
    "{a,}",
    "{../a,b}/c",
  ])("%j is refused", (pattern) => {
    expect(globFault(pattern)).toMatch(/^expected /);
  });

  test.each([
    ["deploy/k8s/**/*.yaml", "deploy/k8s"],
    ["*.yaml", ""],
    ["app.conf", ""],
    ["a/{b,c}/d", "a"],
  ])("%s asks for nothing outside of %j", (pattern, base) => {
    expect(parseGlob(pattern).base).toBe(base);
  });

  test("means what the same regular expression means", () => {
    const segment = fc.stringMatching(/^[ab*?]{1,5}$/).map((text) => text.replace(/\*+/g, "*"));
    const patterns = fc.array(fc.oneof(segment, fc.constant("**")), { minLength: 1, maxLength: 4 });
    const paths = fc.array(fc.stringMatching(/^[ab]{1,4}$/), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(patterns, paths, (segments, names) => {
        const source = segments.map((each) =>
          each === "**" ? "(?:[^/]+/)*" : `${each.replaceAll("*", "[^/]*").replaceAll("?", "[^/]")}/`,
        );
        const expected = new RegExp(`^${source.join("")}$`).test(`${names.join("/")}/`);
        expect({ segments, names, is: matches(segments.join("/"), names.join("/")) }).toEqual({
          segments,
          names,
          is: expected,
        });
      }),
      { numRuns: 2000 },
    );
  });

  test("that an expression would try in all ways is decided at once", () => {
    expect(matches(`${"*a".repeat(200)}*b`, "a".repeat(4000))).toBe(false);
    expect(matches(`${"**/a/".repeat(80)}b`, "a/".repeat(400) + "c")).toBe(false);
  });
});
