import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfigData } from "../../src/domain/config.js";
import type { SecretsConfig } from "../../src/domain/config.js";
import { ConfigurationError, IntegrityError } from "../../src/errors.js";
import { loadRuntime } from "../../src/runtime/context.js";
import { sensitiveParts } from "../../src/runtime/sensitive-parts.js";
import { isTrusted, requireTrust, trustHash } from "../../src/runtime/trust.js";
import { listTrust, recordTrust, revokeTrust } from "../../src/runtime/trust-file.js";
import { coreData, kinds } from "../support/kinds.js";
import { useScratch } from "../support/scratch.js";

const scratch = useScratch();

function subject(options: Record<string, unknown>, rest: object = {}) {
  const directory = scratch();
  const file = path.join(directory, "mxm-secrets.yaml");
  fs.writeFileSync(file, "");
  const state = path.join(directory, "state");
  const withOptions = (changed: Record<string, unknown>, more: object = rest) => {
    const stores = { red: { backend: "plain" }, it: { backend: "full", path: "x", ...changed } };
    const { config, problems } = parseConfigData({ ...coreData(), ...more, stores }, kinds);
    expect(problems).toEqual([]);
    return { file, config, kinds, environment: {} };
  };
  const subjectOf = withOptions(options);
  const trust = () => recordTrust(state, file, trustHash(subjectOf), 0);
  return { file, state, all: subjectOf, withOptions, trust };
}

function subjectWithRun({ config }: { readonly config: SecretsConfig }, run: readonly string[]): SecretsConfig {
  const stores = [...config.stores].map(
    ([name, store]) => [name, { ...store, options: { ...store.options, run } }] as const,
  );
  return { ...config, stores: new Map(stores) };
}

describe("the parts that need trust", () => {
  it("are options that run a program or send secrets, and key commands at any depth", () => {
    const { all, withOptions } = subject({
      run: ["op", "read"],
      address: "https://vault",
      key: { file: "a", passphrase: { command: ["pw"] } },
    });
    expect(sensitiveParts(all)).toEqual([
      { path: ["stores", "it", "address"], reason: "sends secrets to an address", shown: '"https://vault"', files: [] },
      { path: ["stores", "it", "key"], reason: "runs a program", shown: '["pw"]', files: [] },
      { path: ["stores", "it", "run"], reason: "runs a program", shown: '["op","read"]', files: [] },
    ]);
    expect(sensitiveParts(withOptions({ key: { command: ["pw"] } }))).toHaveLength(1);
    expect(sensitiveParts(withOptions({ push: true }))).toHaveLength(1);
    expect(sensitiveParts(withOptions({ key: { env: "K" }, text: "x", push: false }))).toEqual([]);
  });

  it("stop the configuration, saying what would happen and which command allows it", () => {
    const { all, state, file } = subject({ run: ["op", "read"], address: "https://vault" });
    const attempt = () => requireTrust({ ...all, stateDirectory: state });
    expect(attempt).toThrow(ConfigurationError);
    expect(attempt).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("stores.it.address sends secrets to an address"),
        hint: expect.stringContaining(`mxm-secrets trust --config ${file}`),
        problems: [expect.anything(), expect.objectContaining({ message: expect.stringContaining('["op","read"]') })],
      }),
    );
  });
});

describe("the access log", () => {
  const reasonsFor = (audit: string, prepare: (directory: string) => void = () => undefined) => {
    const { all } = subject({}, { audit: { path: audit } });
    prepare(path.dirname(all.file));
    return sensitiveParts(all).map(({ path: at, reason, shown }) => `${at.join(".")} ${reason}: ${shown}`);
  };

  it("needs no trust below the configuration's directory, even in a directory that is not there yet", () => {
    expect(reasonsFor("audit.jsonl")).toEqual([]);
    expect(reasonsFor("logs/of/today.jsonl")).toEqual([]);
    expect(reasonsFor("a/../audit.jsonl")).toEqual([]);
    expect(reasonsFor("..audit.jsonl")).toEqual([]);
  });

  it("needs trust anywhere else: above, elsewhere, through a link, and in git's own directory", () => {
    const elsewhere = scratch();
    const link = (directory: string) => fs.symlinkSync(elsewhere, path.join(directory, "logs"));
    expect(reasonsFor(path.join(elsewhere, ".bash_aliases"))).toEqual([
      `audit.path writes outside the project: "${elsewhere}/.bash_aliases"`,
    ]);
    expect(reasonsFor("../audit.jsonl")).toHaveLength(1);
    expect(reasonsFor("logs/audit.jsonl", link)).toEqual([
      `audit.path writes outside the project: "${elsewhere}/audit.jsonl"`,
    ]);
    expect(reasonsFor("logs/new/audit.jsonl", link)).toHaveLength(1);
    expect(reasonsFor(".git/hooks/post-checkout")).toHaveLength(1);
    expect(reasonsFor("part/.GIT/config")).toHaveLength(1);
  });

  it("asks again when the link leads elsewhere", async () => {
    const { all, state, file, trust } = subject({}, { audit: { path: "logs/audit.jsonl" } });
    const link = path.join(path.dirname(file), "logs");
    fs.symlinkSync(scratch(), link);
    await trust();
    expect(isTrusted(all, state)).toBe(true);
    fs.rmSync(link);
    fs.symlinkSync(scratch(), link);
    expect(isTrusted(all, state)).toBe(false);
  });
});

describe("a trusted program of the project itself", () => {
  it("is trusted with what is in it, and so is every file that is an argument", async () => {
    const { all, state, file, trust } = subject({ key: { command: ["./tools/key", "--with=settings", "absent"] } });
    const program = path.join(path.dirname(file), "tools/key");
    const settings = path.join(path.dirname(file), "settings");
    fs.mkdirSync(path.dirname(program));
    for (const each of [program, settings]) fs.writeFileSync(each, "one");
    await trust();
    expect(isTrusted(all, state)).toBe(true);
    for (const each of [program, settings]) {
      fs.writeFileSync(each, "two");
      expect(isTrusted(all, state)).toBe(false);
      fs.writeFileSync(each, "one");
      expect(isTrusted(all, state)).toBe(true);
    }
    fs.writeFileSync(path.join(path.dirname(file), "absent"), "");
    expect(isTrusted(all, state)).toBe(false);
  });

  it("may be named by an absolute path or a link; one elsewhere may be updated", async () => {
    const elsewhere = path.join(scratch(), "program");
    fs.writeFileSync(elsewhere, "one");
    const { all, state, file, trust } = subject({ run: [elsewhere, "x".repeat(5000)] });
    await trust();
    fs.writeFileSync(elsewhere, "two");
    expect(isTrusted(all, state)).toBe(true);
    const own = path.join(path.dirname(file), "own");
    fs.writeFileSync(own, "one");
    const link = path.join(scratch(), "link");
    fs.symlinkSync(own, link);
    for (const word of [own, link]) {
      const named = { ...all, config: subjectWithRun(all, [word]) };
      const before = trustHash(named);
      fs.appendFileSync(own, "more");
      expect(trustHash(named).hash).not.toBe(before.hash);
      expect(trustHash(named).shape).toBe(before.shape);
    }
  });
});

describe("trust", () => {
  it("that others could have recorded in the state directory counts for nothing", async () => {
    const { all, state, trust } = subject({ run: ["op", "read"] });
    await trust();
    fs.chmodSync(state, 0o777);
    expect(() => isTrusted(all, state)).toThrow(
      expect.objectContaining({ code: "unavailable", hint: expect.stringContaining(`chmod 700 ${state}`) }),
    );
  });

  it("once given lasts until one of those parts changes", async () => {
    const { all, state, withOptions, trust } = subject({ run: ["op", "read"] });
    expect(isTrusted(all, state)).toBe(false);
    await trust();
    expect(isTrusted(all, state)).toBe(true);
    expect(isTrusted(withOptions({ run: ["op", "read"], text: "new" }, { refs: {} }), state)).toBe(true);
    expect(isTrusted(withOptions({ run: ["op", "write"] }), state)).toBe(false);
    expect(isTrusted(withOptions({ run: ["op", "read"], address: "x" }), state)).toBe(false);
    expect(isTrusted(withOptions({}), state)).toBe(true);
  });

  it("holds for one file only, by its real path", async () => {
    const { all, state, file, trust } = subject({ run: ["op"] });
    await trust();
    const copy = path.join(path.dirname(file), "copy.yaml");
    fs.writeFileSync(copy, "");
    expect(isTrusted({ ...all, file: copy }, state)).toBe(false);
    expect(trustHash({ ...all, file: copy }).hash).not.toBe(trustHash(all).hash);
    const link = path.join(path.dirname(file), "link.yaml");
    fs.symlinkSync(file, link);
    expect(isTrusted({ ...all, file: link }, state)).toBe(true);
  });

  it("reads no file when nothing needs it", () => {
    const { all, file } = subject({});
    requireTrust({ ...all, stateDirectory: path.join(file, "not a directory") });
    expect(sensitiveParts(all)).toEqual([]);
  });

  it("is kept in a private file, listed and revoked", async () => {
    const { all, state, file, trust } = subject({ run: ["op"] });
    expect(listTrust(state)).toEqual([]);
    await trust();
    await trust();
    expect(fs.statSync(path.join(state, "trust.json")).mode & 0o777).toBe(0o600);
    expect(fs.statSync(state).mode & 0o777).toBe(0o700);
    const { hash, shape } = trustHash(all);
    expect(listTrust(state)).toEqual([{ file, hashes: [hash], shapes: [shape], at: "1970-01-01T00:00:00.000Z" }]);
    expect(await revokeTrust(state, file)).toBe(true);
    expect(await revokeTrust(state, file)).toBe(false);
    expect(isTrusted(all, state)).toBe(false);
  });

  it("keeps the last twenty faces of a configuration, and forgets the oldest", async () => {
    const { state, file } = subject({ run: ["op"] });
    for (let face = 0; face < 22; face++) await recordTrust(state, file, { hash: `h${face}`, shape: `s${face}` }, 0);
    await recordTrust(state, file, { hash: "h3", shape: "s3" }, 0);
    const faces = [2, ...Array.from({ length: 18 }, (_, index) => index + 4), 3];
    expect(listTrust(state)[0]?.hashes).toEqual(faces.map((face) => `h${face}`));
  });

  it("is not believed from a file that others can read or write, and a damaged one is said so", async () => {
    const { all, state, trust } = subject({ run: ["op"] });
    await trust();
    const record = path.join(state, "trust.json");
    fs.chmodSync(record, 0o666);
    expect(() => isTrusted(all, state)).toThrow(ConfigurationError);
    fs.chmodSync(record, 0o600);
    for (const text of ["", "{}", '{"version":1,"trusted":[{}]}', '{"version":2,"trusted":[]}', "[]"]) {
      fs.writeFileSync(record, text);
      expect(() => isTrusted(all, state)).toThrow(IntegrityError);
    }
  });
});

describe("the runtime of a directory", () => {
  it("is the configuration with its directories, and nothing when there is none", async () => {
    const directory = scratch();
    fs.mkdirSync(path.join(directory, ".git"));
    const environment = { MXM_SECRETS_STATE: path.join(directory, "state"), MXM_SECRETS_NO_CACHE: "1" };
    const options = { environment, workingDirectory: directory, kinds };
    expect(await loadRuntime(options)).toBeUndefined();
    const file = path.join(directory, "mxm-secrets.yaml");
    fs.writeFileSync(file, "stores: { it: { backend: full, path: x, run: [op] } }\nrefs: {}\npolicies: {}\n");
    await expect(loadRuntime(options)).rejects.toThrow(/you have not trusted it/);
    expect(await loadRuntime({ ...options, allowUntrusted: true })).toMatchObject({
      file,
      source: "found",
      sources: [file],
      baseDirectory: directory,
      stateDirectory: path.join(directory, "state"),
    });
  });
});
