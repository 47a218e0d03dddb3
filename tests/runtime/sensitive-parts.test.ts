import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfigData } from "../../src/domain/config.js";
import type { OptionTable } from "../../src/domain/store.js";
import { loadRuntime } from "../../src/runtime/context.js";
import { sensitiveParts } from "../../src/runtime/sensitive-parts.js";
import type { TrustSubject } from "../../src/runtime/sensitive-parts.js";
import { describePart, isTrusted, requireTrust, trustHash } from "../../src/runtime/trust.js";
import { recordTrust } from "../../src/runtime/trust-file.js";
import { coreData } from "../support/kinds.js";
import { useScratch } from "../support/scratch.js";

const scratch = useScratch();

const kinds: ReadonlyMap<string, OptionTable> = new Map<string, OptionTable>([
  ["plain", { root: { type: "string", description: "a prefix" } }],
  [
    "tool",
    {
      program: {
        type: "string",
        default: "tool",
        alsoRuns: ["helper"],
        description: "the program",
        needsTrust: "runs a program",
      },
      run: { type: "argv", description: "the command", needsTrust: "runs a program" },
      address: { type: "string", description: "the server", needsTrust: "sends secrets to an address" },
      note: { type: "string", description: "a text" },
    },
  ],
  ["chain", { stores: { type: "stores", required: true, description: "the members" } }],
]);

/** A configuration at `place` below a repository, with one store of kind `tool`. */
function clone(options: Record<string, unknown>, { place = ".", search = "/usr/bin:/bin" } = {}) {
  const root = scratch();
  fs.mkdirSync(path.join(root, ".git"));
  const directory = path.join(root, place);
  fs.mkdirSync(directory, { recursive: true });
  const file = path.join(directory, "mxm-secrets.yaml");
  fs.writeFileSync(file, "");
  const stores = { red: { backend: "plain" }, it: { backend: "tool" } };
  const { config } = parseConfigData({ ...coreData(), stores }, kinds);
  const store = { name: "it", backend: "tool", options };
  const environment = { PATH: search.replaceAll("ROOT", root) };
  const subject: TrustSubject = {
    file,
    config: { ...config, stores: new Map([...config.stores, ["it", store]]) },
    kinds,
    environment,
  };
  const state = path.join(scratch(), "state");
  const write = (name: string, text: string): string => {
    const target = path.join(root, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text, { mode: 0o755 });
    return target;
  };
  return { root, file, subject, state, write, trust: () => recordTrust(state, file, trustHash(subject), 0) };
}

describe("a program that is found on PATH", () => {
  it("needs no trust as the default of a store, unless the project itself has put it there", async () => {
    const { subject, state, write, trust } = clone({}, { search: "ROOT/bin:/usr/bin:/bin" });
    expect(sensitiveParts(subject)).toEqual([]);
    write("bin/tool", "one");
    expect(sensitiveParts(subject).map(describePart)).toEqual(['"tool" (bin/tool of this project, as it is now)']);
    expect(isTrusted(subject, state)).toBe(false);
    await trust();
    expect(isTrusted(subject, state)).toBe(true);
    write("bin/tool", "two");
    expect(isTrusted(subject, state)).toBe(false);
  });

  it("may be one that the program runs in its turn", async () => {
    for (const options of [{}, { program: "/opt/tool" }]) {
      const { subject, state, write, trust } = clone(options, { search: "ROOT/bin:/usr/bin" });
      await trust();
      write("bin/helper", "one");
      expect(isTrusted(subject, state)).toBe(false);
      expect(sensitiveParts(subject).map(describePart)).toEqual([
        expect.stringMatching(/tool" \(bin\/helper of this project, as it is now\)$/),
      ]);
    }
  });

  it("is trusted with what is in it where it is the project's, by a link, too", async () => {
    const { root, subject, state, write, trust } = clone({ run: ["tool", "read"] }, { search: "ROOT/on-path" });
    const elsewhere = scratch();
    fs.symlinkSync(elsewhere, path.join(root, "on-path"));
    fs.symlinkSync(write("tools/real", "one"), path.join(elsewhere, "tool"));
    await trust();
    expect(isTrusted(subject, state)).toBe(true);
    write("tools/real", "two");
    expect(isTrusted(subject, state)).toBe(false);
  });

  it("asks again when the project puts one in front of the user's own", async () => {
    const { subject, state, write, trust } = clone({ program: "tool" }, { search: "ROOT/bin:/usr/bin" });
    await trust();
    expect(isTrusted(subject, state)).toBe(true);
    write("bin/tool", "theirs");
    expect(isTrusted(subject, state)).toBe(false);
  });

  it("is not the project's where PATH has only a relative name for the directory: nothing is run from there", () => {
    const { subject, write } = clone({}, { search: "./bin:bin:.:/usr/bin" });
    write("bin/tool", "one");
    write("tool", "one");
    expect(sensitiveParts(subject)).toEqual([]);
  });
});

describe("a file of the repository", () => {
  it("is one above the configuration's directory, too", async () => {
    const { subject, state, write, trust } = clone({ run: ["../tools/key"] }, { place: "deploy" });
    write("tools/key", "one");
    await trust();
    expect(isTrusted(subject, state)).toBe(true);
    write("tools/key", "two");
    expect(isTrusted(subject, state)).toBe(false);
  });

  it("counts in an option of any shape", async () => {
    const shapes = [
      { read: ["./a", "x"], write: "./b" },
      [["./a"], { nested: [["./b"]] }],
      { deep: { deeper: "./b" } },
    ];
    for (const run of shapes) {
      const { subject, state, write, trust } = clone({ run });
      write("a", "one");
      write("b", "one");
      await trust();
      expect(isTrusted(subject, state)).toBe(true);
      write("b", "two");
      expect(isTrusted(subject, state)).toBe(false);
    }
  });

  it.each(["data", "--config=data", "config=data", "-fdata", "@data", "--post=@data", "file://data"])(
    "counts in an argument such as %s",
    async (word) => {
      const { subject, state, write, trust } = clone({ run: ["curl", word] });
      write("data", "one");
      await trust();
      expect(isTrusted(subject, state)).toBe(true);
      write("data", "two");
      expect(isTrusted(subject, state)).toBe(false);
    },
  );

  it("counts when it is a link out of it, which whoever can change the repository can turn", async () => {
    const { root, subject, state, trust } = clone({ run: ["./link"] });
    const [one, two] = ["one", "two"].map((text) => {
      const file = path.join(scratch(), "tool");
      fs.writeFileSync(file, text);
      return file;
    });
    fs.symlinkSync(one ?? "", path.join(root, "link"));
    await trust();
    expect(isTrusted(subject, state)).toBe(true);
    fs.rmSync(path.join(root, "link"));
    fs.symlinkSync(two ?? "", path.join(root, "link"));
    expect(isTrusted(subject, state)).toBe(false);
  });

  it("that changed is named as what changed, and nothing else is", async () => {
    const { subject, state, write, trust } = clone({ run: ["./key"], address: "https://vault" });
    write("key", "one");
    await trust();
    write("key", "two");
    expect(() => requireTrust({ ...subject, stateDirectory: state, profile: "it's" })).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({
            path: ["stores", "it", "run"],
            message:
              'runs a program, and what it would run has changed since you trusted it: ["./key"] (key of this project, as it is now)',
          }),
        ],
        hint: expect.stringMatching(/--profile 'it'\\''s'`$/),
      }),
    );
  });

  it("is not believed for another directory that links to a trusted configuration", async () => {
    const { subject, state, file, trust } = clone({ run: ["sh", "-c", "cd tools && ./run"] });
    await trust();
    const other = path.join(scratch(), "mxm-secrets.yaml");
    fs.symlinkSync(file, other);
    expect(isTrusted({ ...subject, file: other }, state)).toBe(false);
  });
});

describe("every way a part gets into a configuration", () => {
  const base = `stores: { it: { backend: tool, note: a }, both: { backend: chain, stores: [it] } }
refs: { key: { store: both, policy: all } }
policies: { all: { allowed_principals: [dev] } }
profiles: { staging: { stores: { it: { address: "https://staging" } } } }
`;
  function project(main = base) {
    const directory = scratch();
    fs.mkdirSync(path.join(directory, ".git"));
    const file = path.join(directory, "mxm-secrets.yaml");
    fs.writeFileSync(file, main);
    const state = path.join(directory, "state");
    const load = (options: { profile?: string; env?: object; allowUntrusted?: boolean } = {}) =>
      loadRuntime({
        environment: { PATH: "/usr/bin", MXM_SECRETS_STATE: state, MXM_SECRETS_NO_CACHE: "1", ...options.env },
        workingDirectory: directory,
        kinds,
        profile: options.profile,
        allowUntrusted: options.allowUntrusted === true,
      });
    const trust = async (options: { profile?: string; env?: object } = {}) => {
      const runtime = await load({ ...options, allowUntrusted: true });
      if (runtime === undefined) throw new Error("expected a configuration");
      const subject = { file, config: runtime.config, kinds, environment: { PATH: "/usr/bin" } };
      await recordTrust(state, file, trustHash(subject), 0);
    };
    return { directory, file, load, trust, edit: (text: string) => fs.writeFileSync(file, text) };
  }
  const untrusted = /you have not trusted it/;

  it("the profile that brings it is asked for, the configuration without is not", async () => {
    const { load, trust } = project();
    await expect(load()).resolves.toBeDefined();
    await expect(load({ profile: "staging" })).rejects.toMatchObject({
      message: expect.stringMatching(untrusted),
      hint: expect.stringContaining("--profile staging"),
    });
    await trust({ profile: "staging" });
    await expect(load({ profile: "staging" })).resolves.toBeDefined();
    await expect(load()).resolves.toBeDefined();
  });

  it("the local file, whether it brings it or changes it", async () => {
    const { directory, load, trust } = project();
    const local = path.join(directory, "mxm-secrets.local.yaml");
    fs.writeFileSync(local, "stores: { it: { run: [op, read] } }\n");
    await expect(load()).rejects.toMatchObject({
      message: expect.stringMatching(untrusted),
      hint: expect.stringMatching(/^when you have read it and `mxm-secrets\.local\.yaml`: `mxm-secrets trust /),
    });
    await trust();
    await expect(load()).resolves.toBeDefined();
    fs.writeFileSync(local, "stores: { it: { run: [op, write] } }\n");
    await expect(load()).rejects.toThrow(untrusted);
  });

  it("a variable that chooses the program: what is trusted is what it was", async () => {
    const { load, trust } = project(base.replace("note: a", 'program: "${TOOL:-op}"'));
    await trust();
    await expect(load()).resolves.toBeDefined();
    await expect(load({ env: { TOOL: "/tmp/evil" } })).rejects.toThrow(/"\/tmp\/evil"/);
  });

  it("another kind of store of the same name, with the same option", async () => {
    const kindsOfTwo = new Map([...kinds, ["other", kinds.get("tool") ?? {}] as const]);
    const { subject, state, trust } = clone({ run: ["op"] });
    await trust();
    const store = { name: "it", backend: "other", options: { run: ["op"] } };
    const config = { ...subject.config, stores: new Map([...subject.config.stores, ["it", store]]) };
    expect(isTrusted({ ...subject, config, kinds: kindsOfTwo }, state)).toBe(false);
  });

  it("and no edit of anything else asks again", async () => {
    const text = base.replace("note: a", "run: [op]");
    const { load, trust, edit } = project(text);
    await trust();
    edit(
      text
        .replace("run: [op]", "run: [op], note: b")
        .replace("[dev]", "[dev, ops]")
        .replace("refs: {", "refs: { more: { store: both, policy: all },")
        .replace("stores: {", "stores: { red: { backend: plain },"),
    );
    await expect(load()).resolves.toBeDefined();
    edit(text.replace("run: [op]", "run: [op, '']"));
    await expect(load()).rejects.toThrow(untrusted);
  });
});
