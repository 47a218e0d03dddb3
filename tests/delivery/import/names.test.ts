import { expect, test } from "vitest";
import { nameValues } from "../../../src/delivery/import/names.js";
import { formatProblem } from "../../../src/domain/problem.js";

const all = { renames: new Map<string, string>(), only: undefined };

function name(written: readonly string[], wishes: Parameters<typeof nameValues>[2] = all) {
  const values = written.map((each, index) => ({ written: each, value: "x", line: index + 1 }));
  const { named, problems } = nameValues(values, "file", wishes);
  return { names: named.map((value) => value.name), problems: problems.map(formatProblem) };
}

test("names of the environment and of the configuration become canonical", () => {
  expect(name(["OPENAI_API_KEY", "databento_api_key"])).toEqual({
    names: ["openai_api_key", "databento_api_key"],
    problems: [],
  });
});

test("every name that is none is told by its line, with one it could have", () => {
  expect(name(["my-App.key", "1st_KEY", "_", "two words", "OK"]).problems).toEqual([
    'file:1: ["my-App.key"]: is not a secret name; --rename my-App.key=my_app_key takes it',
    "file:2: 1st_KEY: is not a secret name; --rename 1st_KEY=st_key takes it",
    "file:3: _: is not a secret name",
    "file:4: [\"two words\"]: is not a secret name; --rename 'two words=two_words' takes it",
  ]);
});

test("two names that differ in case only are one name, and refused", () => {
  expect(name(["A_KEY", "B", "a_key"]).problems).toEqual([
    "file:3: a_key: is the name `a_key`, as `A_KEY` on line 1; keep one of them, or --rename one",
  ]);
  expect(name(["A_KEY", "a_key"], { renames: new Map([["a_key", "other"]]), only: undefined })).toEqual({
    names: ["a_key", "other"],
    problems: [],
  });
});

test("what is not wanted is passed over, whatever its name", () => {
  const wishes = { renames: new Map([["my-key", "mine"]]), only: new Set(["mine", "b"]) };
  expect(name(["A", "a", "not a name", "B", "my-key"], wishes)).toEqual({ names: ["b", "mine"], problems: [] });
});
