import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { ExportEntry, ExportFormat } from "../../../src/delivery/export/format.js";
import { dockerFormat } from "../../../src/delivery/export/docker.js";
import { dotenvFormat } from "../../../src/delivery/export/dotenv.js";
import { kubernetesFormat } from "../../../src/delivery/export/kubernetes.js";
import { shellFormat } from "../../../src/delivery/export/shell.js";
import { systemdFormat } from "../../../src/delivery/export/systemd.js";
import { yamlFormat } from "../../../src/delivery/export/yaml.js";
import { credentialsDropIn, encryptCredential } from "../../../src/delivery/export/systemd-credentials.js";
import { pythonWith } from "../../support/python.js";
import { useScratch } from "../../support/scratch.js";
import { findTool } from "../../support/tools.js";
import { asRecord, entriesOf, everyByte, texts, values } from "./values.js";

const scratchDirectory = useScratch();

/** Many values of every kind, without those a format refuses. */
function sampleFor(format: ExportFormat, count = 200): readonly ExportEntry[] {
  const found = fc.sample(values, { numRuns: count, seed: 20 });
  return entriesOf([...found, ...everyByte]).filter((entry) => format.fault(entry) === undefined);
}

function isThere(...argv: readonly [string, ...string[]]): boolean {
  const [program, ...rest] = argv;
  return spawnSync(program, rest).status === 0;
}

function asHex(entries: readonly ExportEntry[]): Record<string, string> {
  return Object.fromEntries(entries.map(({ variable, value }) => [variable, Buffer.from(value).toString("hex")]));
}

/** What `env -0` printed, of our names. */
function environmentIn(printed: Buffer): Record<string, string> {
  const lines = printed.toString("latin1").split("\0");
  const found = lines.filter((line) => line.startsWith("KEY_")).map((line) => [line.slice(0, line.indexOf("=")), line]);
  return Object.fromEntries(
    found.map(([name = "", line = ""]) => [name, Buffer.from(line.slice(name.length + 1), "latin1").toString("hex")]),
  );
}

const shells = ["sh", "dash", "bash", "zsh", "ksh", "busybox sh"].filter((shell) =>
  isThere("sh", "-c", `${shell} -c :`),
);
const locales = ["C", "C.UTF-8"];

test.each(shells.flatMap((shell) => locales.map((locale) => ({ shell, locale }))))(
  "$shell evaluates any byte to itself in the locale $locale",
  ({ shell, locale }) => {
    const entries = sampleFor(shellFormat);
    const input = shellFormat.write(entries, {});
    const environment = { PATH: "/usr/bin:/bin", LC_ALL: locale };
    const { stdout, status } = spawnSync("/bin/sh", ["-c", `exec ${shell} -c 'eval "$(cat)"; env -0'`], {
      input,
      env: environment,
      maxBuffer: 1 << 26,
    });
    expect(status).toBe(0);
    expect(environmentIn(stdout)).toEqual(asHex(entries));
  },
);

test.each(shells)("an env file sourced by %s reads the same, except where it says so", (shell) => {
  const all = entriesOf(fc.sample(values, { numRuns: 300, seed: 21 }));
  const entries = all.filter(
    (entry) => dotenvFormat.fault(entry) === undefined && dotenvFormat.remark?.([entry])?.includes("shell") !== true,
  );
  expect(entries.length).toBeGreaterThan(100);
  const directory = scratchDirectory();
  writeFileSync(join(directory, "env"), dotenvFormat.write(entries, {}));
  const script = `exec ${shell} -c 'set -a; . ./env; env -0'`;
  const { stdout } = spawnSync("/bin/sh", ["-c", script], { cwd: directory, env: { PATH: "/usr/bin:/bin" } });
  expect(environmentIn(stdout)).toEqual(asHex(entries));
});

const generator = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";

// A unit and `environment.d` are read by the same code of systemd. The latter then puts in
// variables, `$$` being a `$`, and drops empty ones.
test.skipIf(!existsSync(generator))("systemd reads its environment files to the same values", () => {
  const entries = sampleFor(systemdFormat).filter(({ value }) => value.length > 0);
  const doubled = entries.map((entry) => ({
    ...entry,
    value: Buffer.from(Buffer.from(entry.value).toString().replaceAll("$", "$$$$")),
  }));
  const directory = scratchDirectory();
  mkdirSync(join(directory, "environment.d"));
  writeFileSync(join(directory, "environment.d/all.conf"), systemdFormat.write(doubled, {}));
  const { stdout } = spawnSync(generator, [], { env: { HOME: directory, XDG_CONFIG_HOME: directory } });
  expect(printedBySystemd(stdout.toString())).toMatchObject(asRecord(entries));
});

const python = pythonWith("yaml");
test.skipIf(python === undefined)("PyYAML, which reads YAML 1.1, reads the same texts", () => {
  const entries = sampleFor(yamlFormat);
  const input = yamlFormat.write(entries, {});
  const script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin.buffer.read().decode())))";
  const { stdout } = spawnSync(python ?? "", ["-c", script], { input, maxBuffer: 1 << 26 });
  expect(JSON.parse(stdout.toString())).toEqual(asRecord(entries));
});

test.skipIf(!isThere("kubectl", "version", "--client"))("kubectl reads the manifest to the same bytes", () => {
  const entries = sampleFor(kubernetesFormat);
  const input = kubernetesFormat.write(entries, { name: "0123", namespace: "no" });
  const argv = ["label", "--local", "--filename=-", "--output=json", "tested=yes"];
  const { stdout, stderr } = spawnSync("kubectl", argv, { input, maxBuffer: 1 << 26 });
  expect(stderr.toString()).toBe("");
  const secret = JSON.parse(stdout.toString()) as { data: Record<string, string>; metadata: object; type: string };
  expect(secret).toMatchObject({ kind: "Secret", type: "Opaque", metadata: { name: "0123", namespace: "no" } });
  const read = Object.entries(secret.data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("hex")]);
  expect(Object.fromEntries(read)).toEqual(asHex(entries));
});

test.skipIf(!isThere("docker", "--version"))("docker sends what its env file says to its engine", async () => {
  const entries = sampleFor(dockerFormat);
  const directory = scratchDirectory();
  const [socket, file] = [join(directory, "engine"), join(directory, "env")];
  writeFileSync(file, dockerFormat.write(entries, {}));
  const received = startEngine(socket);
  const client = spawn("docker", ["--host", `unix://${socket}`, "create", "--env-file", file, "image"], {
    env: { PATH: process.env["PATH"] ?? "", HOME: directory },
    stdio: "ignore",
  });
  await once(client, "exit");
  const found = (await received).map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
  expect(Object.fromEntries(found)).toEqual(asRecord(entries));
});

const mayEncrypt =
  process.getuid?.() === 0 && findTool("systemd-creds") !== undefined && isThere("systemd-creds", "encrypt", "--help");

test.skipIf(!mayEncrypt)("a credential is decrypted by systemd-creds under its own name only", async () => {
  const directory = scratchDirectory();
  const environment = { PATH: process.env["PATH"], SYSTEMD_CREDENTIAL_SECRET: join(directory, "secret") };
  const found = fc.sample(
    fc.oneof(
      texts.map((text) => Buffer.from(text)),
      values,
    ),
    { numRuns: 8, seed: 22 },
  );
  for (const entry of entriesOf([...found, Uint8Array.of(0, 255, 10)])) {
    const encrypted = await encryptCredential(entry, "host", environment);
    const decrypt = (name: string) =>
      spawnSync("systemd-creds", ["decrypt", `--name=${name}`, "-", "-"], { input: encrypted, env: environment });
    expect(decrypt(entry.name).stdout.toString("hex")).toBe(Buffer.from(entry.value).toString("hex"));
    expect(decrypt("another").status).not.toBe(0);
  }
});

test.skipIf(findTool("systemd-analyze") === undefined)("systemd takes the drop-in for what it should be", () => {
  const directory = scratchDirectory();
  mkdirSync(join(directory, "app.service.d"));
  writeFileSync(join(directory, "app.service"), "[Service]\nExecStart=/bin/true\n");
  const place = (text: string) => {
    writeFileSync(join(directory, "app.service.d/credentials.conf"), text);
    return spawnSync("systemd-analyze", ["verify", "--man=no", join(directory, "app.service")]).stderr.toString();
  };
  const dropIn = credentialsDropIn(["first_key", "second_key"], "/etc/credstore 100%".replace(" ", "-"));
  expect(dropIn).toContain("LoadCredentialEncrypted=first_key:/etc/credstore-100%%/first_key.cred\n");
  expect(place(dropIn)).not.toMatch(/credentials\.conf/);
  expect(place(dropIn.replace("first_key:", "first/key:"))).toMatch(/credentials\.conf/);
});

/** Lines `NAME=value`, with quotes and C escapes where systemd finds them necessary. */
function printedBySystemd(text: string): Record<string, string> {
  const escapes: Record<string, string> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
  const lines = text.trimEnd().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [name, value] = [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)];
      const inner = value.startsWith('"') ? value.slice(1, -1) : value;
      const read = inner.replace(/\\([0-7]{3}|[^])/g, (_, escape: string) =>
        escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8)) : (escapes[escape] ?? escape),
      );
      return [name, read];
    }),
  );
}

/** As much of the Docker engine as `docker create` asks for. @returns the environment it was sent */
function startEngine(socket: string): Promise<readonly string[]> {
  let resolve: (environment: readonly string[]) => void = () => undefined;
  const received = new Promise<readonly string[]>((settle) => (resolve = settle));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.setHeader("Api-Version", "1.41").setHeader("Content-Type", "application/json");
      if (request.url?.includes("/containers/create") !== true) return response.end("{}");
      const { Env } = JSON.parse(Buffer.concat(chunks).toString()) as { Env: readonly string[] };
      resolve(Env);
      return response.writeHead(201).end(JSON.stringify({ Id: "0".repeat(64), Warnings: [] }));
    });
  });
  server.listen(socket);
  onTestFinished(() => void server.close());
  return received;
}
