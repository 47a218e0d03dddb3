import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";
import { standIn } from "../support/stand-in.js";

/*
 * These stand in for the real programs, which need an account: they take exactly the arguments that the page gives them,
 * and print as the real ones do, with one newline after the value.
 */
const op = `#!/bin/sh
[ "$#" = 2 ] && [ "$1" = read ] && [ "$2" = op://Production/db/password ] || exit 1
echo hunter2
`;
const bw = `#!/bin/sh
[ "$*" = "get password github" ] || { echo "Not found." >&2; exit 1; }
echo example-token
`;
const aws = `#!/bin/sh
case "$*" in
  "secretsmanager get-secret-value --secret-id prod/smtp --query SecretString --output text") cat "$HOME/smtp"; echo ;;
  "secretsmanager put-secret-value --secret-id prod/smtp --secret-string file:///dev/stdin") cat /dev/stdin >"$HOME/smtp" ;;
  *) exit 255 ;;
esac
`;

test("what docs/command.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  const base = join(project.root, "stand-ins");
  mkdirSync(base);
  const programs = Object.entries({ op, bw, aws }).map(([name, script]) => standIn(base, name, script).directory);
  const PATH = [...programs, project.environment["PATH"]].join(":");
  const printed = await playPage("docs/command.md", project, { env: { PATH } });
  expect(printed).toContain("example-key");
});
