// 200 values of one SOPS file, each asked for by its name, against `sops decrypt` of the same file, with age and with PGP.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { makeFloor, median, reportRatio, timeInTurn } from "./measure.mjs";
import { command } from "./projects.mjs";

const rounds = Number(process.argv[2] ?? 15);
const values = 200;
const tools = new URL("../.tools/bin", import.meta.url).pathname;
const path = [tools, process.env.PATH].join(delimiter);

if (spawnSync("sops", ["--version", "--disable-version-check"], { env: { PATH: path } }).status !== 0) {
  process.stdout.write("sops is not installed, nothing to compare with: `node scripts/install-tools.mjs`\n");
  process.exit(0);
}

// The socket of a GPG agent must have a short name.
const home = mkdtempSync("/tmp/mb-");
const floor = makeFloor();
const environment = {
  PATH: path,
  HOME: home,
  GNUPGHOME: join(home, "g"),
  SOPS_AGE_KEY_FILE: join(home, "keys.txt"),
  SOPS_DISABLE_VERSION_CHECK: "true",
  MXM_SECRETS_STATE: join(home, "state"),
  MXM_SECRETS_CACHE: join(home, "cache"),
};
try {
  mkdirSync(environment.GNUPGHOME, { mode: 0o700 });
  must("age-keygen", "-o", environment.SOPS_AGE_KEY_FILE);
  const recipient = must("age-keygen", "-y", environment.SOPS_AGE_KEY_FILE).trim();
  const gpg = (...words) => must("gpg", "--batch", "--quiet", "--passphrase", "", ...words);
  gpg("--quick-generate-key", "bench <bench@example.org>", "ed25519", "default", "never");
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg("--with-colons", "--list-secret-keys"))[1];
  gpg("--quick-add-key", fingerprint, "cv25519", "encr", "never");

  const commands = [
    { name: "node", argv: floor.argv, environment },
    ...inTurn("age", "--age", recipient),
    ...inTurn("pgp", "--pgp", fingerprint),
  ];
  const times = timeInTurn(commands, rounds);
  const of = (name) => median(times.get(name));
  process.stdout.write(
    `${values} values of one SOPS file, node ${process.version}: empty node ${of("node").toFixed(0)} ms; age: ` +
      `${of("age").toFixed(0)} ms, sops ${of("age sops").toFixed(0)} ms; pgp: ${of("pgp").toFixed(0)} ms, ` +
      `sops ${of("pgp sops").toFixed(0)} ms\n`,
  );
  const beyond = (name) => (of(name) - of("node")) / of(`${name} sops`);
  const holds = [
    reportRatio("200 values, age: over an empty node / sops decrypt", beyond("age"), { aim: 3, limit: 5 }),
    reportRatio("200 values, pgp: over an empty node / sops decrypt", beyond("pgp"), { aim: 3, limit: 5 }),
  ];
  process.exitCode = holds.every(Boolean) ? 0 : 1;
} finally {
  spawnSync("gpgconf", ["--kill", "all"], { env: environment });
  floor.remove();
  rmSync(home, { recursive: true, force: true });
}

/** A project whose 200 refs lie in one file, and the two commands that read them all. */
function inTurn(name, ...keys) {
  const directory = join(home, name);
  mkdirSync(directory);
  const names = Array.from({ length: values }, (_, index) => `secret_${String(index).padStart(3, "0")}`);
  const text = names
    .map((each, index) => `${each}: value of secret number ${index}, thirty-two bytes or so\n`)
    .join("");
  writeFileSync(join(directory, "secrets.yaml"), text);
  must("sops", "encrypt", ...keys, "--in-place", join(directory, "secrets.yaml"));
  const refs = names.map((each) => `  ${each}: { store: team, path: ${each}, policy: default }\n`).join("");
  writeFileSync(
    join(directory, "mxm-secrets.yaml"),
    `version: 1\nstores:\n  team: { backend: sops, path: secrets.yaml }\nrefs:\n${refs}` +
      "policies:\n  default: { allowed_principals: [developer] }\nidentity: { environment: dev, role: developer }\n",
  );
  const ours = {
    argv: [process.execPath, command, "export", "--all", "--format", "json"],
    cwd: directory,
    environment,
  };
  const theirs = { argv: [join(tools, "sops"), "decrypt", "secrets.yaml"], cwd: directory, environment };
  return [
    { name, ...ours },
    { name: `${name} sops`, ...theirs },
  ];
}

function must(program, ...words) {
  const { status, stdout, stderr } = spawnSync(program, words, { env: environment, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")}: ${stderr}`);
  return stdout;
}
