import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { describePlace } from "../../src/runtime/project-place.js";
import { findProjectUses } from "../../src/runtime/project-uses.js";
import { scratchDirectory } from "../support/directory.js";

/** A project of some files. @returns its directory, and what is found in it as people read it */
function useFiles(files: Readonly<Record<string, string>>) {
  const directory = scratchDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const find = async (...patterns: readonly string[]) => {
    const { files: count, uses, findings } = await findProjectUses(directory, patterns);
    return {
      count,
      uses: uses.map((use) => `${use.name}: ${describePlace(use)}`),
      findings: findings.map(({ severity, message }) => `${severity}: ${message}`),
    };
  };
  return { directory, find };
}

const one = (name: string): string => `key: \${{ secrets.${name} }}\n`;

describe("the files of a project", () => {
  test("are its formation, the folders of its parts at any depth, and nothing else", async () => {
    const { find } = useFiles({
      "formation.afs": one("A"),
      "formation.yaml": one("B"),
      "formation.yml": one("C"),
      "agents/deep/er/x.yaml": one("D"),
      "mcp/x.yml": one("E"),
      "mcps/x.afs": one("F"),
      "a2a/x.YAML": one("G"),
      "sops/x.md": one("H"),
      "triggers/x.markdown": one("I"),
      "skills/x.yaml": one("J"),
      "skills/node_modules/pkg/x.yaml": one("NO"),
      "skills/x.py": one("NO"),
      "other/x.yaml": one("NO"),
      "sub/formation.afs": one("NO"),
      "x.yaml": one("NO"),
    });
    const found = await find();
    expect(found.uses.map((use) => use.slice(0, 1)).toSorted()).toEqual([..."abcdefghij"]);
    expect(found).toMatchObject({ count: 10, findings: [] });
  });

  test("are named with key and line in YAML, with the line elsewhere", async () => {
    const { find } = useFiles({
      "formation.afs": [
        "# ${{ secrets.COMMENT }}",
        "llm:",
        "  api_keys:",
        "    openai: ${{ secrets.OPENAI_API_KEY }} # ${{ secrets.COMMENT }}",
        "mcps:",
        "  - id: x",
        '    "odd key": "Bearer ${{secrets.one}} ${{ secrets.Two }} $${{ secrets.LITERAL }} ${{ matrix.os }}"',
        "text: |",
        "  first",
        "  second ${{ secrets.THREE }}",
        "${{ secrets.IN_A_KEY }}: x",
        "---",
        "next: ${{ secrets.FOUR }}",
      ].join("\r\n"),
      "sops/a.md": "# ${{ secrets.FIVE }}\n\n`${{ secrets.SIX }}`\n",
    });
    const { uses, findings } = await find();
    expect(uses).toEqual([
      "openai_api_key: llm.api_keys.openai in formation.afs:4",
      'one: mcps[0]["odd key"] in formation.afs:7',
      'two: mcps[0]["odd key"] in formation.afs:7',
      "three: text in formation.afs:10",
      "four: next in formation.afs:13",
      "five: sops/a.md:1",
      "six: sops/a.md:3",
    ]);
    expect(findings).toEqual([
      "warning: formation.afs:11: a reference in a key is left as it is: only values are replaced",
    ]);
  });

  test("that are not valid YAML are read by line, without their comments", async () => {
    const { find } = useFiles({ "agents/a.yaml": "a: {b: ${{ secrets.ONE }}}\n # ${{ secrets.NO }}\nc: [\n" });
    const { uses, findings } = await find();
    expect(uses).toEqual(["one: agents/a.yaml:1"]);
    expect(findings).toEqual([
      expect.stringMatching(/^warning: agents\/a\.yaml:1: not valid YAML.*known by line only$/),
    ]);
  });

  test("have a malformed reference named as a problem, without its text", async () => {
    const { find } = useFiles({
      "formation.yml": "a: ${{ secrets. }}\nb: ${{ secrets.OK }}\n",
      "sops/a.md": "\n${{ secrets.pa55-word }}\n",
    });
    const { uses, findings } = await find();
    expect(uses).toEqual(["ok: b in formation.yml:2"]);
    expect(findings).toEqual([
      expect.stringMatching(/^problem: formation\.yml:1: the name is missing/),
      expect.stringMatching(/^problem: sops\/a\.md:2: /),
    ]);
    expect(findings.join()).not.toContain("pa55");
  });

  test("are also those that patterns match, once each; a pattern without a match is said", async () => {
    const { find } = useFiles({
      "deploy/prod/nginx.conf": "key ${{ secrets.A }}; # ${{ secrets.B }}",
      "deploy/app.json": '{ "k": ["${{ secrets.C }}"] }',
      "deploy/.hidden.conf": "${{ secrets.NO }}",
      "deploy/node_modules/x.conf": "${{ secrets.NO }}",
      "formation.afs": one("D"),
    });
    expect(await find("deploy/**/*.{conf,json}", "*.afs", "deploy/**", "no/such/*")).toEqual({
      count: 3,
      uses: [
        "c: k[0] in deploy/app.json:1",
        "a: deploy/prod/nginx.conf:1",
        "b: deploy/prod/nginx.conf:1",
        "d: key in formation.afs:1",
      ],
      findings: ["warning: templates: `no/such/*` matches no file"],
    });
  });

  test("are not followed out of the project", async () => {
    const outside = scratchDirectory();
    writeFileSync(join(outside, "x.yaml"), one("NO"));
    const { find, directory } = useFiles({ "agents/a.yaml": one("A"), "irrelevant/b": "" });
    symlinkSync(outside, join(directory, "mcp"));
    symlinkSync(join(outside, "x.yaml"), join(directory, "agents/x.yaml"));
    symlinkSync(join(outside, "x.yaml"), join(directory, "formation.afs"));
    symlinkSync(outside, join(directory, "irrelevant/link"));
    const { uses, findings } = await find("irrelevant/*.yaml", "irrelevant/link/*.yaml");
    expect(uses).toEqual(["a: key in agents/a.yaml:1"]);
    expect(findings).toEqual(
      expect.arrayContaining([
        "warning: `mcp` is a symbolic link, which is not followed",
        "warning: `agents/x.yaml` is a symbolic link, which is not followed",
        "warning: `formation.afs` is a symbolic link, which is not followed",
        "warning: `irrelevant/link` is a symbolic link, which is not followed",
      ]),
    );
  });

  test.skipIf(process.getuid?.() === 0)("that cannot be read are problems", async () => {
    const { find, directory } = useFiles({ "agents/a.yaml": one("A"), "mcp/b.yaml": one("B"), "sops/c.md": one("C") });
    chmodSync(join(directory, "agents/a.yaml"), 0);
    chmodSync(join(directory, "mcp"), 0);
    const { uses, findings } = await find();
    chmodSync(join(directory, "mcp"), 0o700);
    expect(uses).toEqual(["c: sops/c.md:1"]);
    expect(findings).toEqual([
      expect.stringMatching(/^problem: `mcp` cannot be read: /),
      expect.stringMatching(/^problem: `agents\/a\.yaml` cannot be read: /),
    ]);
  });

  test("that are too long or no UTF-8 are problems, and are not read", async () => {
    const { find, directory } = useFiles({ "sops/a.md": one("A"), "sops/empty.md": "" });
    truncateSync(join(directory, "sops/a.md"), 4 * 1024 * 1024 + 1);
    const little = Buffer.from(`\ufeff${one("B")}`, "utf16le");
    writeFileSync(join(directory, "sops/b.md"), little);
    writeFileSync(join(directory, "sops/c.md"), Buffer.from(little).swap16());
    expect(await find()).toEqual({
      count: 4,
      uses: [],
      findings: [
        "problem: sops/a.md is longer than 4 MiB and was not looked at",
        "problem: sops/b.md is UTF-16, not UTF-8, and was not looked at",
        "problem: sops/c.md is UTF-16, not UTF-8, and was not looked at",
      ],
    });
  });
});
