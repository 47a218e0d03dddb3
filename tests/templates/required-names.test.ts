import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addNames, parseTemplate, removeNames, renameIn } from "../../src/templates/required-names.js";

const template =
  "\uFEFF# head\r\n\r\n# from the console\r\n#  second line\r\nOPENAI_API_KEY=\r\n  other = sk-...\r\nno line\r\n";

describe("a template of names", () => {
  test("is read with the comments above each name", () => {
    expect(parseTemplate(template)).toEqual([
      { line: 5, name: "openai_api_key", hasValue: false, comments: ["from the console", " second line"] },
      { line: 6, name: "other", hasValue: true, comments: [] },
      { line: 7, name: undefined, hasValue: false, comments: [] },
    ]);
    expect(parseTemplate("\uFEFFA=\n")).toEqual([{ line: 1, name: "a", hasValue: false, comments: [] }]);
  });

  test("gets names at its end, in its own line ends, each below what uses it", () => {
    const added = addNames(template, new Map([["new_key", ["a in f.yaml", "g.md"]]]));
    expect(added).toBe(`${template}# used by a in f.yaml\r\n# used by g.md\r\nNEW_KEY=\r\n`);
    expect(addNames("A=", new Map([["b", []]]))).toBe("A=\nB=\n");
    expect(addNames("# head", new Map([["b", []]]))).toBe("# head\n\nB=\n");
    expect(addNames(template, new Map())).toBe(template);
  });

  test("says of a name what people wrote above it, not what was written for them", () => {
    const [line] = parseTemplate(addNames("", new Map([["new_key", ["g.md"]]])));
    expect(line).toEqual({ line: 2, name: "new_key", hasValue: false, comments: [] });
  });

  test("loses names with what was written for them, and no comment of people", () => {
    const text = "# mine\n# used by g.md\nA=\nB=1\n# last\nA=again\n";
    expect(removeNames(text, new Set(["a"]))).toBe("# mine\nB=1\n# last\n");
    expect(removeNames("\uFEFFA=\nB=\n", new Set(["a"]))).toBe("\uFEFFB=\n");
  });

  test("has a name written anew in its place", () => {
    expect(renameIn("\uFEFFA=\r\n A_B= x # A\r\nAB=\r\n", "a_b", "c")).toBe("\uFEFFA=\r\n C= x # A\r\nAB=\r\n");
    expect(renameIn("a_b=$&\n", "a_b", "new_one")).toBe("NEW_ONE=$&\n");
  });

  const lines = fc.array(
    fc.constantFrom(
      "A=",
      "B_1=",
      "b_1=x",
      "# comment",
      "#",
      "",
      "  ",
      "C =",
      "no line",
      "# used to be",
      "=x",
      "A",
      "\t",
    ),
  );
  const texts = fc.tuple(lines, fc.constantFrom("\n", "\r\n"), fc.boolean()).map(([all, eol, isEnded]) => {
    return all.join(eol) + (isEnded && all.length > 0 ? eol : "");
  });

  test("keeps every byte but what was added, and gives it back without", () => {
    const names = fc.uniqueArray(fc.constantFrom("x", "y_2", "z"), { minLength: 1 });
    fc.assert(
      fc.property(texts, names, (text, wanted) => {
        const added = addNames(text, new Map(wanted.map((name) => [name, ["f.md", "g.md"]])));
        expect(added.startsWith(text)).toBe(true);
        const known = parseTemplate(added).map(({ name }) => name);
        for (const name of wanted) expect(known).toContain(name);
        expect(known.slice(0, -wanted.length)).toEqual(parseTemplate(text).map(({ name }) => name));
        expect(removeNames(added, new Set(wanted)).trimEnd()).toBe(text.trimEnd());
      }),
    );
  });

  test("keeps every line but those of the names that are removed", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const left = removeNames(text, new Set(["b_1"]));
        expect(parseTemplate(left).map(({ name }) => name)).not.toContain("b_1");
        const others = (whole: string) => whole.split(/(?<=\n)/).filter((line) => line !== "" && !/^b_1=/i.test(line));
        expect(others(left)).toEqual(others(text));
      }),
    );
  });
});
