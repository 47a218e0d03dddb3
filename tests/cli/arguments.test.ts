import { parseArgs } from "node:util";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseArguments } from "../../src/cli/arguments.js";
import type { CommandDeclaration } from "../../src/cli/command.js";

const command: CommandDeclaration = {
  name: "try",
  summary: "",
  usage: "",
  options: {
    help: { type: "boolean", short: "h", description: "" },
    only: { type: "string", multiple: true, description: "" },
    role: { type: "string", short: "r", description: "" },
    "no-masking": { type: "boolean", description: "" },
  },
  positionals: { minimum: 0, maximum: 100 },
  load: () => Promise.reject(new Error("never loaded")),
};
const options = {
  help: { type: "boolean", short: "h" },
  only: { type: "string", multiple: true },
  role: { type: "string", short: "r" },
  "no-masking": { type: "boolean" },
} as const;

const word = fc.constantFrom(
  ...(
    "--help -h --no-masking --no-masking= --only --only= --only=a=b --only=-x --role --role=dev -r -rdev -hr - -- ---" +
    " --= --=x --constructor --__proto__=x a"
  ).split(" "),
  "",
  "b c",
);

/** What Node's own parser makes of the same words, or nothing when it refuses them. */
function expected(argv: readonly string[]): unknown {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    return { ...values, positionals };
  } catch {
    return undefined;
  }
}

function read(argv: readonly string[]): unknown {
  try {
    const found = parseArguments(command, argv);
    const lists = { only: found.optionList("only") };
    return {
      ...(found.flag("help") ? { help: true } : {}),
      ...(found.flag("no-masking") ? { "no-masking": true } : {}),
      ...(found.option("role") === undefined ? {} : { role: found.option("role") }),
      ...(lists.only.length === 0 ? {} : lists),
      positionals: found.positionals,
    };
  } catch {
    return undefined;
  }
}

it("options and arguments mean what Node's own parser makes of them, and what it refuses is refused", () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
      expect(read(argv)).toEqual(expected(argv));
    }),
    { numRuns: 2000 },
  );
});

it("an option named like something every object has is unknown", () => {
  expect(() => parseArguments(command, ["--constructor"])).toThrow("unknown option `--constructor`");
});
