// 100 values of a pass store in one process, against one `gpg --decrypt-files` over the same files.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SecretsApi } from "../dist/lib/index.js";
import { median, reportRatio } from "./measure.mjs";

const count = 100;
const rounds = Number(process.argv[2] ?? 15);
const machine = makeMachine();
try {
  const kinds = [
    { name: "Curve25519", algorithm: "cv25519" },
    { name: "RSA with 3,072 bits", algorithm: "rsa3072" },
  ];
  const holds = [];
  for (const kind of kinds) {
    const { api, requests, decryptFiles } = makeStore(kind.algorithm);
    const ratios = [];
    const ours = [];
    const theirs = [];
    for (let round = 0; round <= rounds; round++) {
      const read = await milliseconds(async () => {
        const values = await api.openSecrets(requests);
        if (values.length !== count) throw new Error(`${values.length} values`);
      });
      const decrypted = await milliseconds(decryptFiles);
      if (round === 0) continue;
      ours.push(read);
      theirs.push(decrypted);
      ratios.push(read / decrypted);
    }
    process.stdout.write(
      `${count} values, ${kind.name}: ${(median(ours) / count).toFixed(1)} ms each, ` +
        `gpg --decrypt-files ${(median(theirs) / count).toFixed(1)} ms each, node ${process.version}\n`,
    );
    holds.push(
      reportRatio(`100 values from a pass store / gpg --decrypt-files`, median(ratios), { aim: 1.1, limit: 1.3 }),
    );
  }
  process.exitCode = holds.every(Boolean) ? 0 : 1;
} finally {
  machine.remove();
}

/** A home with a key ring of its own; its name is short, because it holds the socket of gpg's agent. */
function makeMachine() {
  const home = mkdtempSync("/tmp/mb-");
  const environment = { PATH: process.env.PATH, HOME: home, GNUPGHOME: join(home, "g"), LC_ALL: "C" };
  mkdirSync(environment.GNUPGHOME, { mode: 0o700 });
  const gpg = (argv, input = "") => {
    const { status, stdout, stderr } = spawnSync("gpg", ["--batch", "--quiet", ...argv], { env: environment, input });
    if (status !== 0) throw new Error(`gpg ${argv.join(" ")}: ${stderr}`);
    return stdout;
  };
  const remove = () => {
    spawnSync("gpgconf", ["--kill", "all"], { env: environment });
    rmSync(home, { recursive: true, force: true });
  };
  return { home, environment, gpg, remove };
}

function makeStore(algorithm) {
  const { home, environment, gpg } = machine;
  const user = `${algorithm}@bench.test`;
  const signing = algorithm === "cv25519" ? "ed25519" : algorithm;
  gpg(["--passphrase", "", "--quick-generate-key", user, signing, "default", "never"]);
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg(["--with-colons", "--list-keys", user]).toString())[1];
  gpg(["--passphrase", "", "--quick-add-key", fingerprint, algorithm, "encr", "never"]);
  const root = join(home, algorithm);
  const copies = join(home, `${algorithm}-copies`);
  for (const directory of [root, copies]) mkdirSync(directory);
  writeFileSync(join(root, ".gpg-id"), `${fingerprint}\n`);
  const names = Array.from({ length: count }, (_, index) => `secret_${index}`);
  for (const name of names) {
    const message = gpg(["--encrypt", "--recipient", fingerprint], `value of ${name}, thirty-two bytes or so\n`);
    writeFileSync(join(root, `${name}.gpg`), message);
    copyFileSync(join(root, `${name}.gpg`), join(copies, `${name}.gpg`));
  }
  const api = SecretsApi.fromConfigData(
    {
      version: 1,
      stores: { red: { backend: "pass", root } },
      refs: Object.fromEntries(names.map((name) => [name, { store: "red", path: name, policy: "all" }])),
      policies: { all: { allowed_principals: ["developer"] } },
    },
    { baseDirectory: home, stateDirectory: join(home, "state"), environment },
  );
  const identity = { role: "developer", environment: "dev", machine: "bench" };
  const files = names.map((name) => join(copies, `${name}.gpg`));
  return {
    api,
    requests: names.map((secretName) => ({ secretName, identity })),
    decryptFiles: () => gpg(["--yes", "--decrypt-files", ...files]),
  };
}

async function milliseconds(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
