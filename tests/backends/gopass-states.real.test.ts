import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gopassBackend } from "../../src/backends/gopass.js";
import { makeMachine, makeStore, must, removeMachine } from "../support/gopass.js";
import {
  bytes,
  canary,
  contextOf,
  encrypt,
  failure,
  flip,
  gopass,
  makeTeam,
  open,
  plant,
  read,
  removeTeam,
  write,
} from "../support/gopass-backend.js";
import type { Team } from "../support/gopass-backend.js";

describe.skipIf(gopass === undefined)(
  "the states a gopass store can be in, with the real gopass and gpg",
  { timeout: 60_000 },
  () => {
    let team: Team;
    beforeAll(() => {
      team = makeTeam();
    }, 60_000);
    afterAll(() => removeTeam(team));

    describe("a file of an entry that is not as it should be", () => {
      test.each<[string, () => Buffer | Uint8Array]>([
        [
          "changed in its encrypted part",
          () => flip(encrypt(team.bridge, canary), -1 + encrypt(team.bridge, canary).length),
        ],
        ["cut short", () => encrypt(team.bridge, canary).subarray(0, 60)],
        ["cut short in its encrypted part", () => encrypt(team.bridge, canary).subarray(0, -5)],
        ["empty", () => Buffer.alloc(0)],
        ["not OpenPGP", () => Buffer.from(`${canary}\n`)],
        [
          "a literal packet that was never encrypted",
          () => must(team.bridge, "gpg", ["--batch", "--quiet", "--store"], canary),
        ],
      ])("%s: an integrity error, and no value", async (_name, content) => {
        plant(team.bridge, "bad/entry", content());
        const error = await failure(read(open(team.bridge), "bad/entry"));
        expect([error.code, error.exitCode]).toEqual(["integrity", 6]);
      });

      test("encrypted with a passphrase instead of a key: locked", async () => {
        const argv = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "p", "--symmetric"];
        plant(team.bridge, "bad/symmetric", must(team.bridge, "gpg", argv, canary));
        expect((await failure(read(open(team.bridge), "bad/symmetric"))).code).toBe("locked");
      });

      test("encrypted for nobody by name, but for us: read", async () => {
        const argv = ["--batch", "--quiet", "--throw-keyids", "--encrypt", "--recipient", team.bridge.fingerprint];
        plant(team.bridge, "bad/hidden", must(team.bridge, "gpg", argv, "hidden"));
        expect(await read(open(team.bridge), "bad/hidden")).toBe("hidden");
      });
    });

    test("a key whose passphrase nobody can give is locked, and the message says how to unlock it", async () => {
      const machine = makeMachine(team.base, "locked");
      try {
        const withPassphrase = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "p"];
        must(machine, "gpg", [...withPassphrase, "--quick-generate-key", "locked2", "rsa2048", "encr", "never"]);
        makeStore(machine, { "": [machine] }, gopass);
        const argv = ["--batch", "--quiet", "--trust-model", "always", "--encrypt", "--recipient", "locked2"];
        plant(machine, "a", must(machine, "gpg", argv, canary));
        must(machine, "gpgconf", ["--kill", "all"]);
        const error = await failure(read(open(machine), "a"));
        expect(error.code).toBe("locked");
        expect(error.message).toBe("the key for `a` is on this machine, but could not be used");
      } finally {
        removeMachine(machine);
      }
    }, 30_000);

    test("a key ring that is gone is locked", async () => {
      const error = await failure(
        read(open(team.bridge, { GNUPGHOME: join(team.base, "nothing") }), "marketdata/databento"),
      );
      expect(error.code).toBe("locked");
    });

    test("a store that is not initialised and a missing gpg say so, each in its own way", async () => {
      const empty = join(team.base, "empty");
      const fresh = { PATH: process.env["PATH"] ?? "", HOME: empty, XDG_CONFIG_HOME: "", XDG_DATA_HOME: "" };
      const uninitialised = await failure(
        read(gopassBackend.open({ name: "red", options: { program: gopass } }, contextOf(fresh)), "a"),
      );
      expect(uninitialised).toMatchObject({ code: "unavailable", reason: "not_initialised" });
      const only = join(team.base, "only");
      mkdirSync(only);
      symlinkSync(gopass ?? "", join(only, "gopass"));
      expect(await failure(read(open(team.bridge, { PATH: only }), "a"))).toMatchObject({
        code: "unavailable",
        reason: "not_installed",
        message: "gopass is installed, but `gpg` is not",
      });
      expect(await failure(read(open(team.bridge, {}, { program: "gopass-of-nowhere" }), "a"))).toMatchObject({
        code: "unavailable",
        reason: "not_installed",
        message: "`gopass-of-nowhere` is not installed",
      });
    });

    test("gopass's own `core.readonly` is told as such", async () => {
      const environment = {
        GOPASS_CONFIG_COUNT: "1",
        GOPASS_CONFIG_KEY_0: "core.readonly",
        GOPASS_CONFIG_VALUE_0: "true",
      };
      expect((await failure(write(open(team.bridge, environment), "marketdata/databento", bytes("v")))).code).toBe(
        "unsupported",
      );
    });

    test("a mount is part of the store, with its own recipients", async () => {
      const mounted = join(team.base, "mounted");
      must(team.bridge, "git", ["init", "--quiet", mounted]);
      writeFileSync(join(mounted, ".gpg-id"), `${team.bridge.fingerprint}\n`);
      must(team.bridge, gopass ?? "gopass", ["mounts", "add", "team", mounted]);
      try {
        await write(open(team.bridge), "team/a", bytes("in a mount"));
        expect(existsSync(join(mounted, "a.gpg"))).toBe(true);
        expect(await read(open(team.bridge), "team/a")).toBe("in a mount");
        const report = await open(team.bridge).check?.(["team/a"], {}, new Map());
        expect(report?.presence.get("team/a")).toBe("present");
      } finally {
        must(team.bridge, gopass ?? "gopass", ["mounts", "remove", "team"]);
      }
    });

    describe("check", () => {
      test("tells present, unreadable and absent apart without decrypting, and finds nothing in a healthy store", async () => {
        const paths = [
          "marketdata/databento",
          "marketdata/databento#user",
          "execution/broker",
          "execution/nothing",
          "execution",
        ];
        const report = await open(team.monolith, { GPG_TTY: "" }).check?.(paths, {}, new Map());
        expect(report?.findings).toEqual([]);
        expect([...(report?.presence.values() ?? [])]).toEqual([
          "present",
          "present",
          "unreadable",
          "absent",
          "absent",
        ]);
      });

      test("finds a file that is not encrypted", async () => {
        plant(team.bridge, "bad/plain", must(team.bridge, "gpg", ["--batch", "--quiet", "--store"], canary));
        const report = await open(team.bridge).check?.(["bad/plain"], {}, new Map());
        expect(report?.findings).toMatchObject([{ severity: "problem", code: "integrity" }]);
      });

      test("reports a store that is not initialised and a user without a key, and throws nothing", async () => {
        const missing = await open(team.bridge, {}, { program: "gopass-of-nowhere" }).check?.(["a"], {}, new Map());
        expect(missing?.findings).toMatchObject([{ code: "unavailable", unavailable: "not_installed" }]);
        expect(missing?.presence.get("a")).toBe("unknown");
        const keyless = join(team.base, "keyless");
        mkdirSync(keyless, { mode: 0o700 });
        const report = await open(team.bridge, { GNUPGHOME: keyless }).check?.(["execution/broker"], {}, new Map());
        expect(report?.findings).toMatchObject([{ code: "locked" }]);
        expect(report?.presence.get("execution/broker")).toBe("unreadable");
      });
    });
  },
);
