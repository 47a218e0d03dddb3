import { delimiter } from "node:path";
import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";
import { hasSecretService, startSecretService } from "../support/secret-service.js";
import { toolsDirectory } from "../support/tools.js";

test.skipIf(!hasSecretService)("what docs/keychain.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  const { environment } = await startSecretService();
  const { DBUS_SESSION_BUS_ADDRESS = "", XDG_RUNTIME_DIR = "" } = environment;
  const env = {
    PATH: [project.environment["PATH"], toolsDirectory].join(delimiter),
    DBUS_SESSION_BUS_ADDRESS,
    XDG_RUNTIME_DIR,
  };
  const printed = await playPage("docs/keychain.md", project, { env });
  expect(printed).toContain("example-token");
});
