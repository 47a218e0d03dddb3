import { expect, test } from "vitest";
import { getSecret } from "../../src/index.js";

const nowhere = { PATH: "/nonexistent" };

test("without gopass, a variable has the value, and a name that no variable can have is absent", async () => {
  const lines: string[] = [];
  const options = { environment: { ...nowhere, PROD_KEY: "v" }, trace: (line: string) => lines.push(line) };
  expect(await getSecret("prod/key", options)).toBe("v");
  expect(lines).toEqual(["gopass (gopass): passed over, `gopass` is not installed", "env (env): found"]);
  expect(await getSecret("prod/other", options)).toBeUndefined();
  expect(await getSecret("2fa/token", { ...options, default: "d" })).toBe("d");
});
