// A work tree of 5,000 files searched for 100 secrets in every form, against `git grep` for the same values as they are.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, makeProject } from "./projects.mjs";
import { median, reportRatio, timeInTurn } from "./measure.mjs";

const rounds = Number(process.argv[2] ?? 5);
const files = 5_000;
const bytesEach = 15_000;
const secrets = 100;

const project = await makeProject({ secrets, refs: secrets });
try {
  const { directory, environment } = project;
  const git = (...words) => {
    const { status, stderr } = spawnSync("git", words, { cwd: directory, env: environment, encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${words.join(" ")}: ${stderr}`);
  };
  const source = makeText();
  for (let index = 0; index < files; index++) {
    const folder = join(directory, `src/part-${index % 100}`);
    mkdirSync(folder, { recursive: true });
    const start = (index * 7_919) % (source.length - bytesEach);
    writeFileSync(join(folder, `module-${index}.ts`), source.slice(start, start + bytesEach));
  }
  writeFileSync(join(directory, ".gitignore"), ".key\npatterns\naudit.jsonl\n");
  git("init", "--quiet");
  git("add", "--all");
  git("-c", "user.name=bench", "-c", "user.email=bench@example.org", "commit", "--quiet", "--message", "start");
  const patterns = Array.from(
    { length: secrets },
    (_, index) => `value of secret number ${index}, thirty-two bytes or so`,
  );
  writeFileSync(join(directory, "patterns"), `${patterns.join("\n")}\n`);
  const mxm = (name, ...words) => ({
    name,
    argv: [process.execPath, command, "scan", ...words],
    cwd: directory,
    environment,
  });
  const grep = {
    name: "git grep",
    // Without a match, git grep has the exit code 1.
    argv: ["/bin/sh", "-c", "git grep --untracked -a -n -F -f patterns; test $? -eq 1"],
    cwd: directory,
    environment,
  };
  const times = timeInTurn([mxm("tree"), mxm("history", "--history"), grep], rounds);
  const seconds = (name) => median(times.get(name)) / 1e3;
  process.stdout.write(
    `${files} files, ${((files * bytesEach) / 1e6).toFixed(0)} MB, ${secrets} secrets, node ${process.version}: ` +
      `scan ${seconds("tree").toFixed(2)} s, scan --history ${seconds("history").toFixed(2)} s, ` +
      `git grep ${seconds("git grep").toFixed(2)} s\n`,
  );
  const holds = [
    reportRatio("scan of 5,000 files, every form / git grep, as it is", seconds("tree") / seconds("git grep"), {
      aim: 1.5,
      limit: 3,
    }),
    reportRatio("scan --history / git grep", seconds("history") / seconds("git grep"), { limit: 6 }),
  ];
  process.exitCode = holds.every(Boolean) ? 0 : 1;
} finally {
  project.remove();
}

/** Text like that of programs: words, punctuation, some long tokens. */
function makeText() {
  const words = Array.from({ length: 3_000 }, () => randomBytes(2 + Math.floor(Math.random() * 4)).toString("hex"));
  const marks = [" ", " ", " ", "(", ") ", ";\n", ".", ", ", " = ", ': "', '",\n  ', "\n"];
  return Array.from({ length: 120_000 }, () => pick(words) + pick(marks)).join("");
}

function pick(list) {
  return list[Math.floor(Math.random() * list.length)];
}
