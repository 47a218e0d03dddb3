import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { makeMachine, must, removeMachine, run } from "../support/gopass.js";
import type { GopassMachine } from "../support/gopass.js";
import { canary, failure, flip } from "../support/gopass-backend.js";
import {
  deleteAt,
  freshPassStore,
  gpgOf,
  isWithoutPass,
  makePassTeam,
  openPass,
  passOf,
  plantFile,
  readAt,
  removePassTeam,
  writeAt,
} from "../support/pass.js";
import type { PassTeam } from "../support/pass.js";

describe.skipIf(isWithoutPass)("the states of a pass store, with the real gpg", { timeout: 60_000 }, () => {
  let team: PassTeam;
  beforeAll(() => {
    team = makePassTeam();
  }, 60_000);
  afterAll(() => removePassTeam(team));

  const encrypt = (machine: GopassMachine, value: string, ...options: readonly string[]) =>
    gpgOf(machine, [...options, "--encrypt", "--recipient", machine.fingerprint], value);
  const outcome = async (work: Promise<unknown>) =>
    await work.then(
      () => "done",
      (error: unknown) => String(error),
    );
  let count = 0;
  const fresh = () => freshPassStore(team.bridge, `state${(count += 1)}`);
  const readMany = async (machine: GopassMachine, paths: readonly string[]) =>
    openPass(machine).readMany?.(
      paths.map((path) => issueGrantForContract(path, "read")),
      {},
    ) ?? [];

  describe("what others put into the store", () => {
    test("an unencrypted value is refused, which gpg and pass print as if it were one", async () => {
      const machine = fresh();
      plantFile(machine, "planted.gpg", gpgOf(machine, ["--store"], canary));
      expect(run(machine, "pass", ["show", "planted"]).stdout.toString()).toBe(canary);
      const error = await failure(readAt(openPass(machine), "planted"));
      expect(error).toMatchObject({
        code: "integrity",
        exitCode: 6,
        message: "the file of `planted` is not encrypted",
      });
      expect(error.hint).toContain("pass insert");
    });

    test("in a batch it stops the batch, and no value comes of it", async () => {
      const machine = fresh();
      const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
      for (const name of names) plantFile(machine, `${name}.gpg`, encrypt(machine, name));
      expect((await readMany(machine, names)).map((value) => value && Buffer.from(value).toString())).toEqual(names);
      plantFile(machine, "n13.gpg", gpgOf(machine, ["--store"], canary));
      expect((await failure(readMany(machine, names))).message).toBe("the file of `n13` is not encrypted");
      plantFile(machine, "n13.gpg", flip(encrypt(machine, canary), 150));
      expect((await failure(readMany(machine, names))).message).toBe("the file of `n13` is damaged");
    });

    test.each([
      ["signed and not encrypted", ["--sign"], "integrity"],
      ["compressed and not encrypted", ["--store", "--compress-algo", "zlib"], "integrity"],
      ["encrypted with a passphrase", ["--symmetric", "--pinentry-mode", "loopback", "--passphrase", "x"], "locked"],
    ])("%s: refused", async (_name, argv, code) => {
      const machine = fresh();
      plantFile(machine, "planted.gpg", gpgOf(machine, argv, canary));
      expect((await failure(readAt(openPass(machine), "planted"))).code).toBe(code);
    });

    test("a file cut at any length, of text, or empty, is damaged", async () => {
      const machine = fresh();
      const good = encrypt(machine, canary);
      for (const length of [0, 1, 50, 96, 120, good.length - 1]) {
        truncateSync(plantFile(machine, "cut.gpg", good), length);
        expect((await failure(readAt(openPass(machine), "cut"))).code, String(length)).toBe("integrity");
      }
      plantFile(machine, "cut.gpg", `${canary}\n`);
      expect((await failure(readAt(openPass(machine), "cut"))).code).toBe("integrity");
    });

    test("an armored file is read like any other", async () => {
      const machine = fresh();
      plantFile(machine, "armored.gpg", encrypt(machine, "value\n", "--armor"));
      expect(await readAt(openPass(machine), "armored")).toBe("value");
    });

    test("a symbolic link is followed inside of the store, never out of it, and never written through", async () => {
      const machine = fresh();
      const outside = join(team.base, `outside${count}.gpg`);
      writeFileSync(outside, encrypt(machine, canary));
      plantFile(machine, "real/v.gpg", encrypt(machine, "inside"));
      symlinkSync("real/v.gpg", join(machine.store, "alias.gpg"));
      symlinkSync("real", join(machine.store, "folder"));
      symlinkSync(".", join(machine.store, "circle"));
      symlinkSync("../real", join(machine.store, "real/again"));
      symlinkSync(outside, join(machine.store, "out.gpg"));
      symlinkSync(team.base, join(machine.store, "away"));
      symlinkSync("nowhere.gpg", join(machine.store, "dangling.gpg"));
      const store = openPass(machine);
      for (const path of ["alias", "folder/v"]) expect(await readAt(store, path)).toBe("inside");
      for (const path of ["out", `away/outside${count}`]) {
        const error = await failure(readAt(store, path));
        expect(error.code).toBe("unavailable");
        expect(error.message).toContain("leads out of");
      }
      expect((await failure(readAt(store, "dangling"))).message).toContain("leads nowhere");
      const traces: string[] = [];
      expect(await store.list?.({ trace: (line) => traces.push(line) })).toEqual(["alias", "folder/v", "real/v"]);
      expect(traces.filter((line) => line.includes("symbolic link"))).toHaveLength(6);
      for (const path of ["alias", "folder/v", "away/new", "out", "dangling"]) {
        expect((await failure(writeAt(store, path, "x"))).code, path).toBe("unsupported");
        expect((await failure(deleteAt(store, path))).code, path).toBe("unsupported");
      }
      expect(await readAt(store, "real/v")).toBe("inside");
      expect(existsSync(join(team.base, "new.gpg"))).toBe(false);
    });

    test("a list of recipients that leads out of the store, or is empty, lets nothing be written", async () => {
      const machine = fresh();
      mkdirSync(join(machine.store, "f"));
      writeFileSync(join(team.base, "ids"), `${team.monolith.fingerprint}\n`);
      symlinkSync(join(team.base, "ids"), join(machine.store, "f/.gpg-id"));
      expect((await failure(writeAt(openPass(machine), "f/v", "x"))).message).toContain("leads out of");
      plantFile(machine, "g/.gpg-id", "# nobody\n");
      expect((await failure(writeAt(openPass(machine), "g/v", "x"))).message).toContain("names no recipient");
      plantFile(machine, "h/.gpg-id", "--output=/tmp/x\n");
      expect((await failure(writeAt(openPass(machine), "h/v", "x"))).code).toBe("locked");
      expect(await openPass(machine).list?.({})).toEqual([]);
    });
  });

  describe("keys", () => {
    test("a key whose passphrase nobody can give is locked, and asked for once only", async () => {
      const machine = fresh();
      const argv = [
        "--passphrase",
        "pp",
        "--pinentry-mode",
        "loopback",
        "--quick-generate-key",
        "locked@machines.test",
        "rsa2048",
        "encr,sign",
      ];
      gpgOf(machine, argv, "");
      must(machine, "gpgconf", ["--kill", "gpg-agent"]);
      for (let index = 0; index < 12; index++) {
        plantFile(
          machine,
          `n${index}.gpg`,
          gpgOf(machine, ["--trust-model", "always", "-e", "-r", "locked@machines.test"], canary),
        );
      }
      const spy = join(team.base, "asked");
      writeFileSync(spy, `#!/bin/sh\necho run >>'${spy}.log'\nexec gpg "$@"\n`, { mode: 0o755 });
      const many = openPass(machine, { program: spy }).readMany?.(
        Array.from({ length: 12 }, (_, index) => issueGrantForContract(`n${index}`, "read")),
        {},
      );
      const error = await failure(many ?? Promise.resolve());
      expect(error.code).toBe("locked");
      expect(error.message).toContain("could not be used");
      expect(error.hint).toContain("GPG_TTY");
      expect(readFileSync(`${spy}.log`, "utf8")).toBe("run\n");
    });

    test("a recipient whose key is missing, expired or not trusted is named, and the entry stays as it was", async () => {
      const other = makeMachine(team.base, "other");
      const machine = fresh();
      try {
        await writeAt(openPass(machine), "v", "before");
        plantFile(machine, ".gpg-id", `${machine.fingerprint} # bridge\n${other.fingerprint}\n`);
        const missing = await failure(writeAt(openPass(machine), "v", "x"));
        expect(missing.code).toBe("locked");
        expect(missing.message).toContain(other.fingerprint);
        must(machine, "gpg", ["--batch", "--quiet", "--import"], gpgOf(other, ["--export", other.fingerprint], ""));
        expect((await failure(writeAt(openPass(machine), "v", "x"))).message).toContain("is not trusted here");
        must(machine, "gpg", ["--batch", "--quiet", "--import-ownertrust"], `${other.fingerprint}:6:\n`);
        await writeAt(openPass(machine), "v", "for both");
        gpgOf(other, ["--quick-set-expire", other.fingerprint, "seconds=1"], "");
        must(machine, "gpg", ["--batch", "--quiet", "--import"], gpgOf(other, ["--export", other.fingerprint], ""));
        await expect
          .poll(async () => await outcome(writeAt(openPass(machine), "v", "for both")), { timeout: 10_000 })
          .toContain("expired");
        expect(await readAt(openPass(machine), "v")).toBe("for both");
      } finally {
        removeMachine(other);
      }
    });

    test("a store without `.gpg-id` is read and not written", async () => {
      const machine = fresh();
      await writeAt(openPass(machine), "v", "x");
      rmSync(join(machine.store, ".gpg-id"));
      expect(await readAt(openPass(machine), "v")).toBe("x");
      const error = await failure(writeAt(openPass(machine), "v", "y"));
      expect(error).toMatchObject({ code: "unavailable", reason: "not_initialised" });
    });

    test("a store that is not there is not initialised, for every kind of question", async () => {
      const store = openPass(team.bridge, { root: join(team.base, "nowhere") });
      const questions = [readAt(store, "v"), writeAt(store, "v", "x"), deleteAt(store, "v"), store.list?.({})];
      for (const question of questions) {
        const error = await failure(question ?? Promise.resolve());
        expect(error).toMatchObject({ code: "unavailable", reason: "not_initialised" });
      }
    });
  });

  describe("with `PASSWORD_STORE_SIGNING_KEY`", () => {
    test("recipients count only when that key signed them, as for `pass`", async () => {
      const machine = fresh();
      const signing = { PASSWORD_STORE_SIGNING_KEY: machine.fingerprint };
      const signed = { ...machine, environment: { ...machine.environment, ...signing } };
      const store = openPass(signed);
      expect((await failure(writeAt(store, "v", "x"))).message).toContain("is not signed");
      must(signed, "pass", ["init", machine.fingerprint]);
      expect(existsSync(join(machine.store, ".gpg-id.sig"))).toBe(true);
      await writeAt(store, "v", "x");
      expect(passOf(signed, ["show", "v"])).toBe("x\n");
      plantFile(machine, ".gpg-id", `${machine.fingerprint}\n${team.monolith.fingerprint}\n`);
      const changed = await failure(writeAt(store, "v", "y"));
      expect(changed.code).toBe("integrity");
      expect(changed.message).toContain("no good signature");
      gpgOf(team.monolith, ["--yes", "--detach-sign", join(machine.store, ".gpg-id")], "");
      expect((await failure(writeAt(store, "v", "y"))).message).toContain("no good signature");
      expect(await readAt(store, "v")).toBe("x");
      await writeAt(openPass(machine), "v", "without the variable");
    });
  });

  describe("check", () => {
    const check = async (
      machine: GopassMachine,
      paths: readonly string[],
      environment: Readonly<Record<string, string>> = {},
    ) => {
      const report = await openPass(machine, {}, environment).check?.(paths, {}, new Map());
      return {
        presence: Object.fromEntries(report?.presence ?? []),
        findings: (report?.findings ?? []).map(({ severity, message }) => `${severity}: ${message}`),
      };
    };

    test("says of each path whether it is there and for a key of this machine, without decrypting", async () => {
      const machine = fresh();
      await writeAt(openPass(machine), "mine", "x");
      plantFile(machine, "theirs.gpg", gpgOf(team.monolith, ["-e", "-r", team.monolith.fingerprint], "x"));
      plantFile(machine, "plain.gpg", gpgOf(machine, ["--store"], canary));
      plantFile(machine, "hidden.gpg", encrypt(machine, "x", "--throw-keyids"));
      const report = await openPass(machine).check?.(["plain"], {}, new Map());
      expect(report?.findings).toMatchObject([{ code: "integrity", hint: expect.stringContaining("pass insert") }]);
      const { presence, findings } = await check(machine, ["mine", "mine#user", "theirs", "plain", "hidden", "absent"]);
      expect(presence).toEqual({
        mine: "present",
        "mine#user": "present",
        theirs: "unreadable",
        plain: "unknown",
        hidden: "unknown",
        absent: "absent",
      });
      expect(findings.toSorted()).toEqual([
        "problem: the file of `plain` is not encrypted",
        `warning: \`theirs\` is encrypted for the key \`${lastKeyId(team.monolith)}\`, which is no recipient of the store`,
        `warning: \`theirs\` is not encrypted for \`${machine.fingerprint}\`, a recipient of the store`,
      ]);
    });

    test("says which keyholder may read and is no recipient, and which recipient is no keyholder that may", async () => {
      const machine = fresh();
      const holder = (name: string, key: object) => ({ name, principals: [], write: false, ...key });
      const bridge = holder("bridge", { gpg: machine.fingerprint.toLowerCase() });
      const monolith = holder("monolith", { gpg: team.monolith.fingerprint });
      const laptop = holder("laptop", { age: "age1…" });
      const drift = async (...mayRead: readonly (typeof bridge)[]) => {
        const context = { keyholders: [bridge, monolith, laptop], keyholdersFor: () => mayRead };
        const report = await openPass(machine, {}, {}, context).check?.(["v"], {}, new Map([["v", "loaders"]]));
        return report?.findings.map(({ message }) => message);
      };
      expect(await drift(bridge, laptop)).toEqual([]);
      expect(await drift(monolith)).toEqual([
        "under-shared: keyholder `monolith` may read what policy `loaders` protects, and the `.gpg-id` of the store does not name its key",
        `over-shared: the \`.gpg-id\` of the store names \`${machine.fingerprint}\`, which no policy lets read what \`loaders\` protects`,
      ]);
      plantFile(machine, ".gpg-id", `${machine.fingerprint}\n${team.monolith.fingerprint}!\n`);
      expect(await drift(monolith, bridge)).toEqual([]);
      const others = { keyholders: [laptop], keyholdersFor: () => [laptop] };
      const report = await openPass(machine, {}, {}, others).check?.(["v"], {}, new Map([["v", "loaders"]]));
      expect(report?.findings).toEqual([]);
    });

    test("says whose key is missing, that there is no store, no gpg, no key", async () => {
      const machine = fresh();
      plantFile(machine, ".gpg-id", `${machine.fingerprint}\n${"A".repeat(40)}\n`);
      expect((await check(machine, [])).findings).toEqual([
        `warning: the public key of \`${"A".repeat(40)}\`, a recipient of the store, is not in this key ring`,
      ]);
      rmSync(join(machine.store, ".gpg-id"));
      const unnamed = "warning: no `.gpg-id` says who may read what is written to the store: nothing can be written";
      expect((await check(machine, [])).findings).toEqual([unnamed]);
      plantFile(machine, "f/.gpg-id", `${machine.fingerprint}\n`);
      expect((await check(machine, ["f/v"])).findings).toEqual([]);
      expect((await check(machine, ["a", "b/c", "f/v"])).findings).toEqual([unnamed]);
      const nobody = join(team.base, "nobody");
      mkdirSync(nobody, { recursive: true, mode: 0o700 });
      expect((await check(machine, [], { GNUPGHOME: nobody })).findings).toContain(
        "problem: gpg holds no secret key for this user",
      );
      expect(
        (await check({ ...machine, environment: { ...machine.environment, PATH: "/nonexistent" } }, [])).findings,
      ).toEqual(["problem: `gpg` is not installed"]);
      rmSync(machine.store, { recursive: true });
      expect((await check(machine, ["v"])).findings[0]).toContain("there is no password store");
    });
  });

  function lastKeyId(machine: GopassMachine): string {
    const listed = gpgOf(machine, ["--with-colons", "--list-keys", machine.fingerprint], "").toString();
    return [...listed.matchAll(/^sub:[^:]*:[^:]*:[^:]*:([0-9A-F]{16}):/gm)].at(-1)?.[1] ?? "";
  }
});
