// 200 values from a tree of age files, read in one batch, against the age program decrypting the same files one by one.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { encryptAge } from "../dist/lib/age/encrypt.js";
import { parseRecipientFile } from "../dist/lib/age/recipients.js";
import { median, reportRatio, run, timeInTurn } from "./measure.mjs";
import { command, nameOf } from "./projects.mjs";

const rounds = Number(process.argv[2] ?? 5);
const count = 200;
const tools = new URL("../.tools/bin", import.meta.url).pathname;
const place = [tools, ...process.env.PATH.split(delimiter)].find(
  (directory) => existsSync(join(directory, "age")) && existsSync(join(directory, "age-keygen")),
);
// ML-KEM runs in JavaScript: a file costs some milliseconds, about as much as starting a program.
const kinds = [
  { name: "X25519", words: [], aim: 0.3, limit: 0.5 },
  { name: "post-quantum", words: ["-pq"], aim: 1.5, limit: 3 },
];

if (place === undefined) {
  process.stdout.write("skip 200 values from age files: there is no age program\n");
} else {
  const home = mkdtempSync(join(tmpdir(), "mxm-age-"));
  try {
    const holds = [];
    for (const kind of kinds) {
      const { status, stdout } = spawnSync(join(place, "age-keygen"), kind.words);
      if (status !== 0) process.stdout.write(`skip ${kind.name}: this age has no such keys\n`);
      else holds.push(await compare(kind, stdout, join(home, kind.name)));
    }
    process.exitCode = holds.every(Boolean) ? 0 : 1;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function compare({ name, aim, limit }, key, directory) {
  const root = join(directory, "tree");
  mkdirSync(root, { recursive: true });
  writeFileSync(join(directory, "key.txt"), key, { mode: 0o600 });
  const recipients = run({ name: "age-keygen", argv: [join(place, "age-keygen"), "-y", join(directory, "key.txt")] });
  writeFileSync(join(root, ".age-recipients"), recipients);
  const readers = parseRecipientFile(recipients, "recipients");
  const names = Array.from({ length: count }, (_, index) => nameOf(index));
  for (const each of names) {
    writeFileSync(join(root, `${each}.age`), await encryptAge(Buffer.from(`value of ${each}`), readers));
  }
  const configuration = {
    version: 1,
    stores: { vault: { backend: "age", root: "tree", key: "key.txt" } },
    refs: Object.fromEntries(names.map((each) => [each, { store: "vault", path: each, policy: "default" }])),
    policies: { default: { allowed_principals: ["developer"] } },
    identity: { environment: "dev", role: "developer" },
  };
  writeFileSync(join(directory, "mxm-secrets.yaml"), JSON.stringify(configuration));
  const environment = { PATH: process.env.PATH, HOME: directory };
  const batch = [process.execPath, command, "run", "--all", "--", "/bin/true"];
  const loop = `for file in tree/*.age; do '${join(place, "age")}' --decrypt --identity key.txt "$file" || exit 1; done`;
  const times = timeInTurn(
    [
      { name: "batch", argv: batch, cwd: directory, environment },
      { name: "age", argv: ["/bin/sh", "-c", loop], cwd: directory, environment },
    ],
    rounds,
  );
  const seconds = (each) => median(times.get(each)) / 1e3;
  process.stdout.write(
    `${count} age files for one ${name} key, node ${process.version}: run --all ${seconds("batch").toFixed(2)} s, ` +
      `age ${seconds("age").toFixed(2)} s\n`,
  );
  const what = `run --all, 200 age files (${name}) / age, one by one`;
  return reportRatio(what, seconds("batch") / seconds("age"), { aim, limit });
}
