import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

const configuration = `
version: 1
stores: { override: { backend: env } }
refs:
  tokens_json: { store: override, path: tokens_json, policy: loaders }
policies:
  loaders: { allowed_principals: [loader] }
identity: { environment: dev, role: loader }
audit: { path: audit.jsonl }
`;

test("what docs/audit.md shows happens, and its last command computes the hash of the record", async () => {
  const project = await useProject();
  await project.shell("cat > mxm-secrets.yaml", { input: configuration });
  const get = "mxm-secrets get tokens_json";
  await project.shell(`${get} --role intern; for n in 1 2 3 4; do ${get}; done`, { env: { TOKENS_JSON: "{}" } });
  const printed = await playPage("docs/audit.md", project);
  const [last = ""] = (await project.shell("tail -n 1 audit.jsonl")).stdout.split("\n");
  const { hash } = JSON.parse(last) as { hash: string };
  expect(printed).toContain(`${hash}  -`);
});
