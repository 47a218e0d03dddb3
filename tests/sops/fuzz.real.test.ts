import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findSops, runSops, sopsUser } from "../support/sops.js";
import { fuzzCanary, fuzzFile, fuzzRuns } from "../support/sops-fuzz.js";

const found = findSops();
const secret = fuzzCanary;

const documents: readonly (readonly [name: string, rule: string, text: string])[] = [
  [
    "a.yaml",
    "",
    `# about\na: ${secret} # beside\nb:\n    # inside\n    c: 1\n    d: true\nlist:\n    - x: ${secret} 1\n      y: 2.5\n    - - deep\ntext: |\n    two\n    lines\n`,
  ],
  ["several.yaml", "", `a: ${secret}\n---\nb: ${secret} 2\nwhen: 2020-01-01\n`],
  ["flow.yaml", "", `{"a": "${secret}", "b": [1, {"c": "x"}]}\n`],
  ["only.yaml", ", mac_only_encrypted: true", `a: ${secret}\nb: ${secret} 2\n`],
  ["regex.yaml", ', encrypted_regex: "^(a|b)$"', `a: ${secret}\nb: ${secret} 2\n`],
  ["a.json", "", `{"a": "${secret}", "b": {"c": 1.5, "d": [true, "x", 9007199254740993]}}`],
  ["a.env", "", `# about\nA=${secret}\nB=x=y\nC=two\\nlines\n`],
  ["a.ini", "", `; about\n[a]\nb = ${secret}\nc = 2\n[d]\ne = x\n`],
  ["blob", "", `${secret}\n\u0000\u0001`],
];

test.skipIf(found === undefined).each(documents)(
  "a file of sops that was changed at random gives its own values or an error that names it: %s",
  { timeout: Math.max(60_000, fuzzRuns * 100) },
  async (name, rule, text) => {
    const user = await sopsUser((recipient) => `creation_rules: [{ age: ${recipient}${rule} }]`);
    const file = join(user.directory, name);
    writeFileSync(file, text);
    runSops(user, found ?? "sops", ["encrypt", "--in-place", file]);
    await expect(fuzzFile(file, readFileSync(file), user)).resolves.toBeUndefined();
  },
);
