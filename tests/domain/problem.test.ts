import { expect, it } from "vitest";
import { formatPath, formatProblem } from "../../src/domain/problem.js";

it("puts file, line, path, message and suggestion on one line", () => {
  const problem = { path: ["refs", "api_key", "store"], message: "unknown store `rd`", suggestion: "red" };
  expect(formatProblem(problem)).toBe("refs.api_key.store: unknown store `rd`; did you mean `red`?");
  expect(formatProblem({ ...problem, file: "mxm-secrets.yaml", line: 7 })).toBe(
    "mxm-secrets.yaml:7: refs.api_key.store: unknown store `rd`; did you mean `red`?",
  );
  expect(formatProblem({ path: [], message: "expected a mapping", file: "a.yaml" })).toBe("a.yaml: expected a mapping");
});

it("keeps keys that are no plain words apart from the path's own dots", () => {
  expect(formatPath(["principals", 0, "role"])).toBe("principals[0].role");
  expect(formatPath(["a.b", "c"])).toBe('["a.b"].c');
  expect(formatPath(["refs", "x\u001b[31m\n\u202e"])).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  expect(formatPath(["x y".repeat(1_000)]).length).toBeLessThan(100);
});
