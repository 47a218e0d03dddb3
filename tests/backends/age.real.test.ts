import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { isolatedContext } from "../support/context.js";
import { scratchDirectory } from "../support/directory.js";
import { agePrograms, mustAge, postQuantumAge } from "../support/age-program.js";
import type { AgeProgram } from "../support/age-program.js";
import { openAgeTree, readAge } from "../support/age-tree.js";
import { mayRun, openTerminal } from "../support/terminal.js";

/** A tree of which age itself made the key and the recipients. */
function realTree({ keygen }: AgeProgram, words: readonly string[] = []) {
  const directory = scratchDirectory();
  const root = join(directory, "tree");
  mkdirSync(root);
  const keys = ["key.txt", "other.txt"].map((name) => join(directory, name));
  for (const key of keys) writeFileSync(key, mustAge(keygen, words), { mode: 0o600 });
  const recipients = join(root, ".age-recipients");
  writeFileSync(recipients, `# two readers\n${keys.map((key) => mustAge(keygen, ["-y", key]).toString()).join("\n")}`);
  const [key = "", other = ""] = keys;
  return { directory, root, key, other, recipients, context: isolatedContext({ baseDirectory: directory }) };
}

/** Around the ends of the chunks of a payload, and with every byte. */
const values = [
  Buffer.of(),
  Buffer.from("one line\n"),
  Buffer.from(Array.from({ length: 256 }, (_, index) => index)),
  Buffer.alloc(65_536, 1),
  Buffer.alloc(200_001, 2),
];

const kinds = agePrograms.flatMap((program) => [
  { program, kind: "X25519", words: [] },
  ...(program.isPostQuantum ? [{ program, kind: "post-quantum", words: ["-pq"] }] : []),
]);

describe.skipIf(kinds.length === 0).each(kinds)("with $kind keys of $program.age", ({ program, words }) => {
  test.each([false, true])("age reads what is written here (armored: %s)", async (armor) => {
    const tree = realTree(program, words);
    const backend = openAgeTree(tree, { armor });
    for (const [index, value] of values.entries()) {
      await backend.write?.(issueGrantForContract(`folder/${index}`, "write"), value, {});
      const file = join(tree.root, `folder/${index}.age`);
      for (const key of [tree.key, tree.other]) {
        expect(mustAge(program.age, ["--decrypt", "--identity", key, file]).equals(value)).toBe(true);
      }
    }
  });

  test.each([[[]], [["--armor"]]])("what age writes is read here (%j)", async (form: string[]) => {
    const tree = realTree(program, words);
    for (const [index, value] of values.entries()) {
      const file = join(tree.root, `folder/${index}.age`);
      mkdirSync(dirname(file), { recursive: true });
      mustAge(program.age, [...form, "--recipients-file", tree.recipients, "--output", file], value);
    }
    const grants = values.map((_, index) => issueGrantForContract(`folder/${index}`, "read"));
    for (const key of ["key.txt", "other.txt"]) {
      const read = (await openAgeTree(tree, { key }).readMany?.(grants, {})) ?? [];
      expect(read.map((value, index) => values[index]?.equals(value ?? Buffer.of(1)))).toEqual(values.map(() => true));
    }
  });

  test("what age refuses for a key is locked here", async () => {
    const tree = realTree(program, words);
    const stranger = join(tree.directory, "stranger.txt");
    writeFileSync(stranger, mustAge(program.keygen, words), { mode: 0o600 });
    mustAge(program.age, ["--recipients-file", tree.recipients, "--output", join(tree.root, "a.age")], Buffer.of(1));
    expect(spawnSync(program.age, ["--decrypt", "--identity", stranger, join(tree.root, "a.age")]).status).toBe(1);
    await expect(readAge(openAgeTree(tree, { key: "stranger.txt" }), "a")).rejects.toMatchObject({ code: "locked" });
  });
});

describe.skipIf(postQuantumAge === undefined)("with age 1.3", () => {
  const program = postQuantumAge ?? { directory: "", age: "", keygen: "", isPostQuantum: false };

  test("recipients of both kinds are refused by age as they are here", async () => {
    const tree = realTree(program);
    const key = mustAge(program.keygen, ["-pq"]);
    const resistant = mustAge(program.keygen, ["-y"], key).toString();
    writeFileSync(tree.recipients, `${readFileSync(tree.recipients, "utf8")}\n${resistant}`);
    const { status, stderr } = spawnSync(program.age, ["--recipients-file", tree.recipients], { input: "value" });
    expect({ status, stderr: stderr.toString() }).toMatchObject({ status: 1, stderr: expect.stringMatching(/mix/) });
    const written = openAgeTree(tree).write?.(issueGrantForContract("a", "write"), Buffer.of(1), {});
    await expect(written).rejects.toThrow(/mixes post-quantum recipients with others$/);
  });

  test("the fault of a recipients file is one for age as well", () => {
    const tree = realTree(program);
    for (const line of [" # indented", "age1nonsense", "AGE1QQQQ"]) {
      writeFileSync(tree.recipients, `${line}\n`);
      expect(spawnSync(program.age, ["--recipients-file", tree.recipients], { input: "value" }).status).toBe(1);
    }
  });

  test.skipIf(!mayRun)(
    "a key file and an entry that age protected by a passphrase open here, and ours there",
    async () => {
      const tree = realTree(program);
      const machine = { directory: tree.directory, environment: { PATH: `${program.directory}:/usr/bin:/bin` } };
      const protect = async (words: string) => {
        const terminal = openTerminal(machine, `umask 077; age --passphrase ${words}`);
        await terminal.see("Enter passphrase");
        terminal.type("correct horse\n");
        await terminal.see("Confirm passphrase");
        terminal.type("correct horse\n");
        expect((await terminal.end()).status).toBe(0);
      };
      await protect("--armor --output protected.txt key.txt");
      writeFileSync(join(tree.directory, "value"), "the value");
      await protect("--output tree/a.age value");
      mustAge(
        program.age,
        ["--recipients-file", tree.recipients, "--output", join(tree.root, "b.age")],
        Buffer.from("b"),
      );
      const environment = { MXM_SECRETS_PASSPHRASE: "correct horse" };
      const backend = openAgeTree({ context: { ...tree.context, environment } }, { key: { file: "protected.txt" } });
      expect(await readAge(backend, "a")).toBe("the value");
      expect(await readAge(backend, "b")).toBe("b");

      const { encryptIdentityFile } = await import("../../src/age/identity-file.js");
      const text = await encryptIdentityFile(readFileSync(tree.key, "utf8"), "correct horse");
      writeFileSync(join(tree.directory, "ours.txt"), text, { mode: 0o600 });
      copyFileSync(join(tree.root, "b.age"), join(tree.directory, "b.age"));
      const terminal = openTerminal(machine, "age --decrypt --identity ours.txt --output opened b.age");
      await terminal.see("Enter passphrase");
      terminal.type("correct horse\n");
      expect((await terminal.end()).status).toBe(0);
      expect(readFileSync(join(tree.directory, "opened"), "utf8")).toBe("b");
    },
  );
});
