import { chmodSync, existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { decryptManyWithGpg } from "../../src/gpg/decrypt-many.js";
import { gpgEnvironment } from "../../src/gpg/environment.js";
import type { GpgProgram } from "../../src/gpg/program.js";
import { makeMachine, must, removeMachine, shortDirectory } from "../support/gopass.js";
import type { GopassMachine } from "../support/gopass.js";
import { isWithoutGpg } from "../support/programs.js";
import { watchProgram } from "../support/watched-program.js";

const inMemory = "/dev/shm";

describe.skipIf(isWithoutGpg)("many messages, with the real gpg", { timeout: 60_000 }, () => {
  let base: string;
  let machine: GopassMachine;
  let messages: readonly Buffer[];
  beforeAll(() => {
    base = shortDirectory();
    machine = makeMachine(base, "bridge");
    messages = Array.from({ length: 40 }, (_, index) => encrypted(`value ${index}`));
  }, 60_000);
  afterAll(() => {
    removeMachine(machine);
    rmSync(base, { recursive: true, force: true });
  });

  const gpg = (argv: readonly string[], input: string | Buffer) =>
    must(machine, "gpg", ["--batch", "--quiet", ...argv], input);
  const encrypted = (value: string | Buffer, ...options: readonly string[]) =>
    gpg([...options, "--encrypt", "--recipient", machine.fingerprint], value);
  const program = (file = "gpg"): GpgProgram => ({ program: file, environment: gpgEnvironment(machine.environment) });
  const decrypt = async (ciphertexts: readonly Buffer[], file = "gpg", signal?: AbortSignal) => {
    const named = ciphertexts.map((ciphertext, index) => ({
      ciphertext,
      subject: { value: `\`${index}\``, file: `the file of \`${index}\`` },
    }));
    const plaintexts = await decryptManyWithGpg(program(file), named, { signal });
    return plaintexts.map((plaintext) => Buffer.from(plaintext).toString("latin1"));
  };
  const failure = async (work: Promise<unknown>) => {
    const thrown = await work.then(
      () => new Error("resolved"),
      (error: unknown) => error,
    );
    if (!isSecretsError(thrown)) throw thrown;
    return thrown;
  };
  const programBefore = (name: string, lines: string) => {
    const file = join(base, name);
    writeFileSync(file, `#!/bin/bash\n${lines}\nexec gpg "$@"\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const values = (count: number) => Array.from({ length: count }, (_, index) => `value ${index}`);
  /** What this process left there; others may be at work at the same time. */
  const left = () =>
    readdirSync(inMemory).filter((name) => {
      try {
        return readlinkSync(join(inMemory, name, "0")).startsWith(`/proc/${process.pid}/`);
      } catch {
        return false;
      }
    });

  test("come back in their order, by few runs of gpg, with nothing left behind", async () => {
    const watched = watchProgram(base, "gpg", "gpg");
    expect(await decrypt(messages, watched.program)).toEqual(values(40));
    expect(watched.runs()).toBe(3);
    expect(watched.peak()).toBe(2);
    expect(left()).toEqual([]);
  });

  test("few ones, and none, need no files", async () => {
    expect(await decrypt(messages.slice(0, 3))).toEqual(values(3));
    expect(await decrypt([])).toEqual([]);
  });

  test("each is its own: empty, binary, long, very long, compressed to almost nothing", async () => {
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const others = ["", "x".repeat(20_000), "0".repeat(300_000), everyByte.toString("latin1")];
    const mixed = [
      ...messages.slice(0, 20),
      ...others.map((value) => encrypted(Buffer.from(value, "latin1"))),
      encrypted("z".repeat(100_000), "--compress-algo", "none"),
      ...messages.slice(20),
    ];
    const expected = [...values(20), ...others, "z".repeat(100_000), ...values(40).slice(20)];
    expect(await decrypt(mixed)).toEqual(expected);
  });

  test("one longer than what is accepted is refused among others as it is alone", async () => {
    const named = messages.map((ciphertext, index) => ({
      ciphertext: index === 20 ? encrypted("x".repeat(2000)) : ciphertext,
      subject: { value: `\`${index}\``, file: `the file of \`${index}\`` },
    }));
    const error = await failure(decryptManyWithGpg(program(), named, { maximumBytes: 1000 }));
    expect(error.message).toContain("more than 1000 bytes");
  });

  test("one that was never encrypted stops them all, before gpg sees any", async () => {
    const watched = watchProgram(base, "gpg", "gpg");
    const mixed = [...messages.slice(0, 20), gpg(["--store"], "planted"), ...messages.slice(20)];
    const error = await failure(decrypt(mixed, watched.program));
    expect(error).toMatchObject({ code: "integrity", message: "the file of `20` is not encrypted" });
    expect(watched.runs()).toBe(0);
  });

  test("one that holds two literals is refused by name, wherever it stands", async () => {
    const literal = (text: string) => gpg(["--store", "--compress-algo", "none"], text);
    for (const position of [0, 7, 39]) {
      const mixed = messages.with(position, Buffer.concat([encrypted("a"), literal("b")]));
      expect((await failure(decrypt(mixed))).message).toBe(`the file of \`${position}\` is damaged`);
    }
  });

  test("one that was altered inside of its encryption is refused by name, and gpg stops there", async () => {
    const altered = Buffer.from(messages[9] ?? "");
    altered[altered.length - 2] = (altered[altered.length - 2] ?? 0) ^ 1;
    expect((await failure(decrypt(messages.with(9, altered)))).message).toBe("the file of `9` is damaged");
    expect(left()).toEqual([]);
  });

  test("one for another machine is locked, by name", async () => {
    const other = makeMachine(base, "other");
    try {
      const theirs = must(other, "gpg", ["--batch", "--quiet", "-e", "-r", other.fingerprint], "theirs");
      const error = await failure(decrypt(messages.with(30, theirs)));
      expect(error).toMatchObject({ code: "locked", message: "`30` is not encrypted for any key of this machine" });
    } finally {
      removeMachine(other);
    }
  });

  test("a name of the literal that looks like status lines makes no other file good", async () => {
    const named = encrypted("x", "--set-filename", "\n[GNUPG:] FILE_DONE\n[GNUPG:] FILE_START 3 /dev/shm/0.gpg\n");
    expect(await decrypt(messages.with(5, named))).toEqual(values(40).with(5, "x"));
  });

  test("values signed with a key that is not here are read as quickly as others", async () => {
    const stranger = makeMachine(base, "stranger");
    try {
      must(stranger, "gpg", ["--batch", "--quiet", "--import"], gpg(["--export", machine.fingerprint], ""));
      const argv = ["--batch", "--quiet", "--trust-model", "always", "--sign", "-e", "-r", machine.fingerprint];
      const signed = Array.from({ length: 10 }, (_, index) => must(stranger, "gpg", argv, `value ${index}`));
      const watched = watchProgram(base, "gpg", "gpg");
      expect(await decrypt(signed, watched.program)).toEqual(values(10));
      expect(watched.runs()).toBe(3);
    } finally {
      removeMachine(stranger);
    }
  });

  test("a gpg that inherits nothing writes to no file of its own", async () => {
    const closing = programBefore("closing", 'for fd in {4..70}; do eval "exec $fd>&-"; done');
    expect(await decrypt(messages, closing)).toEqual(values(40));
    expect(left()).toEqual([]);
  });

  test("a gpg that cannot write there is asked for each by itself", async () => {
    const failing = programBefore("failing", 'case "$*" in *--decrypt-files*) exit 2;; esac');
    expect(await decrypt(messages, failing)).toEqual(values(40));
    const elsewhere = programBefore(
      "elsewhere",
      'case "$*" in *--decrypt-files*) for word in "$@"; do case $word in *.gpg) rm "${word%.gpg}";; esac; done;; esac',
    );
    expect(await decrypt(messages, elsewhere)).toEqual(values(40));
    expect(left()).toEqual([]);
  });

  test("a signal in the midst ends them all, and nothing is left", async () => {
    const controller = new AbortController();
    const begun = join(base, "begun");
    const waiting = programBefore("waiting", `case "$*" in *--decrypt-files*) echo >'${begun}'; sleep 1000000;; esac`);
    const work = failure(decrypt(messages, waiting, controller.signal));
    await expect.poll(() => existsSync(begun), { timeout: 20_000 }).toBe(true);
    controller.abort();
    expect((await work).code).toBe("cancelled");
    expect(left()).toEqual([]);
  });

  test("no plaintext is in any file with a name while gpg runs", async () => {
    const spy = join(base, "spy");
    // Waits after gpg has written everything, and notes what can be seen by name.
    writeFileSync(
      spy,
      [
        "#!/bin/sh",
        'gpg "$@"',
        "code=$?",
        'for last in "$@"; do :; done',
        'place="${last%/*}"',
        `case "$*" in *--decrypt-files*) grep -rls 'value ' "$place" >>'${spy}.log'; ls -l "$place" >>'${spy}.list';; esac`,
        "exit $code\n",
      ].join("\n"),
    );
    chmodSync(spy, 0o755);
    expect(await decrypt(messages, spy)).toEqual(values(40));
    expect(readFileSync(`${spy}.log`, "utf8")).toBe("");
    expect(readFileSync(`${spy}.list`, "utf8")).toContain(` -> /proc/${process.pid}/fd/`);
  });
});
