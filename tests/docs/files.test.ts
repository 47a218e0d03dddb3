import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { memoryFileSystem } from "../../src/file-tree/grade.js";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";
import { rotate } from "../support/volume.js";

// What a container engine, kubelet and systemd give lies in memory.
const memory = "/dev/shm";

test.skipIf(memoryFileSystem(memory) !== "tmpfs")("what docs/files.md shows happens", { timeout: 60_000 }, async () => {
  const base = mkdtempSync(join(memory, "mxm-docs-"));
  onTestFinished(() => rmSync(base, { recursive: true }));
  const places = ["/run/secrets", "/etc/app", "/run/credentials/loader.service"];
  const [docker = "", volume = "", service = ""] = places.map((place) => join(base, place));
  for (const directory of [docker, volume, service]) mkdirSync(directory, { recursive: true });

  writeFileSync(join(docker, "db_password"), "hunter2\n", { mode: 0o444 });
  writeFileSync(join(service, "token"), "credential-value", { mode: 0o400 });
  const { privateKey } = generateKeyPairSync("ed25519");
  const key = privateKey.export({ type: "pkcs8", format: "pem" });
  const [first, second] = ["..2026_11_29_08_00_00.1", "..2026_11_29_09_00_00.2"];
  rotate(volume, { api_token: "token-one\n", "tls/key.pem": key }, { mode: 0o400, generation: first });
  mkdirSync(join(volume, second, "tls"), { recursive: true });
  writeFileSync(join(volume, second, "api_token"), "token-two\n", { mode: 0o400 });
  writeFileSync(join(volume, second, "tls/key.pem"), key, { mode: 0o400 });

  const replace = (text: string) => places.reduce((shown, place) => shown.replaceAll(place, base + place), text);
  const replaceDefault = (text: string) =>
    replace(text).replace("{ backend: files }", `{ backend: files, root: ${docker} }`);
  const restore = (printed: string) => printed.replaceAll(base, "");
  const printed = await playPage("docs/files.md", await useProject(), { replace: replaceDefault, restore });
  expect(printed).toContain(key.toString());
});
