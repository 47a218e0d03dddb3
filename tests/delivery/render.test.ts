import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { checkTemplate, neededSecrets } from "../../src/delivery/needed.js";
import { renderTemplate } from "../../src/delivery/render.js";
import { isSecretsError } from "../../src/errors.js";
import type { AnySecretsError } from "../../src/errors.js";
import { formatProblem } from "../../src/domain/problem.js";
import { memoryBackend } from "../../src/backends/memory.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { referencesIn } from "../../src/templates/grammar.js";
import { apiWith, recorder } from "../support/spied-api.js";

const identity = { role: "marketdata", environment: "prod", machine: "monolith" };

async function errorOf(work: Promise<unknown>): Promise<AnySecretsError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (isSecretsError(thrown)) return thrown;
  throw new Error(`expected a refusal, got ${String(thrown)}`);
}

const linesOf = ({ problems }: AnySecretsError) => problems.map(formatProblem);

describe("renderTemplate", () => {
  test("fills in text, YAML and JSON, and reads each secret once", async () => {
    const { api, calls } = apiWith();
    const render = (text: string, file?: string) => renderTemplate(text, { api, identity, file });
    expect(await render("a=${{ secrets.API_KEY }} ${{ secrets.api_key }}\n")).toBe("a=canary-1f0c canary-1f0c\n");
    expect(calls).toEqual(["open", "read feeds/api_key"]);
    expect(await render("a: ${{ secrets.api_key }} # c\n", "formation.afs")).toBe('a: "canary-1f0c" # c\n');
    expect(await render('{"a": "${{ secrets.api_key }}"}', "a.json")).toBe('{"a": "canary-1f0c"}');
  });

  test("asks no store when there is nothing to fill in", async () => {
    const { api, calls } = apiWith();
    expect(await renderTemplate("os: ${{ matrix.os }} $${{ x", { api, identity })).toBe("os: ${{ matrix.os }} ${{ x");
    expect(calls).toEqual([]);
  });

  test("tells every place at once and touches no store when one name is denied or unknown", async () => {
    const { sink, events } = recorder();
    const { api, calls } = apiWith({ audit: sink });
    const template =
      "a:\n  - ${{ secrets.OTHER }}\n  - ${{ secrets.api_key }}\nb: x ${{ secrets.api_kye }} ${{ secrets.other }}\n";
    const error = await errorOf(renderTemplate(template, { api, identity, file: "formation.afs" }));
    expect([error.code, error.exitCode]).toEqual(["denied", 3]);
    expect(linesOf(error)).toEqual([
      expect.stringMatching(/^formation\.afs:2: a\[0\]: `marketdata` may not read `other`: /),
      "formation.afs:4: b: there is no secret named `api_kye`; did you mean `api_key`?",
      expect.stringMatching(/^formation\.afs:4: b: `marketdata` may not read `other`: /),
    ]);
    expect(error.message).toBe(linesOf(error).join("; "));
    expect(calls).toEqual([]);
    expect(events.map(({ ref, verdict }) => [ref, verdict])).toEqual([
      ["api_kye", "deny"],
      ["other", "deny"],
    ]);
  });

  test("tells what is malformed and what is denied together, with the gravest code", async () => {
    const { api, calls } = apiWith();
    const malformed = await errorOf(renderTemplate("${{ secrets. }} ${{ secrets.api_key }}", { api, identity }));
    expect([malformed.exitCode, linesOf(malformed)]).toEqual([
      2,
      [expect.stringContaining("template:1:1: the name is missing")],
    ]);
    const both = await errorOf(renderTemplate("${{ secrets.other }}\n${{ secrets. }}", { api, identity }));
    expect([both.exitCode, linesOf(both)]).toEqual([
      3,
      [
        expect.stringContaining("template:1:1: `marketdata` may not"),
        expect.stringContaining("template:2:1: the name"),
      ],
    ]);
    expect(calls).toEqual([]);
  });

  test("gives nothing when one name has no value, and names every one of them", async () => {
    const { api } = apiWith();
    const text = "${{ secrets.api_key }}\n${{ secrets.missing }} ${{ secrets.MISSING }}";
    const error = await errorOf(renderTemplate(text, { api, identity, file: "a.conf" }));
    expect([error.code, error.hint]).toEqual(["absent", "`mxm-secrets set missing` stores one"]);
    expect(linesOf(error)).toEqual(["a.conf:2:1: `missing` has no value", "a.conf:2:24: `missing` has no value"]);
    expect(error.message).not.toContain("canary");
  });

  test("passes on what a store throws", async () => {
    const { api } = apiWith();
    expect((await errorOf(renderTemplate("${{ secrets.locked }}", { api, identity }))).code).toBe("locked");
    const signal = AbortSignal.abort();
    expect((await errorOf(renderTemplate("${{ secrets.api_key }}", { api, identity, signal }))).code).toBe("cancelled");
  });

  test("refuses a binary value, and one that the escape cannot write, by name and never by value", async () => {
    const api = memoryApi({ binary: Uint8Array.of(0xff, 0x63, 0x61, 0x6e), nul: "canary\0" });
    const text = "A=${{ secrets.binary }}\nB=${{ secrets.nul }}\nC=${{ secrets.nul }}";
    const error = await errorOf(renderTemplate(text, { api: await api, identity, escape: "shell" }));
    expect([error.exitCode, linesOf(error)]).toEqual([
      2,
      [
        "template:1:3: the value of `binary` is binary, not UTF-8 text",
        "template:2:3: the value of `nul` has a NUL character",
        "template:3:3: the value of `nul` has a NUL character",
      ],
    ]);
  });

  test("refuses what would not fit into a string, whatever escape is asked for", async () => {
    const api = await memoryApi({ long: "☃".repeat(500_000) });
    const times = (count: number) => "${{ secrets.long }}".repeat(count);
    for (const escape of [undefined, "url", "xml"] as const) {
      const error = await errorOf(renderTemplate(times(101), { api, identity, escape }));
      expect([error.exitCode, error.message]).toEqual([2, expect.stringContaining("more than 50 million characters")]);
    }
    expect(await renderTemplate(times(2), { api, identity })).toHaveLength(1_000_000);
  });

  test("gives the reason to policies that demand one", async () => {
    const policies = { access: { allowed_principals: ["marketdata"], require_reason: true } };
    const { api } = apiWith({}, { policies: { ...policies, others_only: { allowed_principals: ["execution"] } } });
    const text = "${{ secrets.api_key }}";
    expect((await errorOf(renderTemplate(text, { api, identity }))).code).toBe("denied");
    expect(await renderTemplate(text, { api, identity, reason: "deploy" })).toBe("canary-1f0c");
  });

  test("says what it leaves alone where a reference may have been meant", async () => {
    const { api } = apiWith();
    const warnings: string[] = [];
    const warn = (problem: Parameters<typeof formatProblem>[0]) => void warnings.push(formatProblem(problem));
    await renderTemplate("${{ secrets.a }}: 1\n", { api, identity, file: "a.yaml", warn });
    expect(warnings).toEqual([expect.stringMatching(/^a\.yaml:1: .*: a reference in a key is left as it is/)]);
  });

  test("gives every value exactly, in every format", async () => {
    const value = fc.string({ unit: "binary" });
    await fc.assert(
      fc.asyncProperty(value, value, async (one, two) => {
        const api = await memoryApi({ one, two });
        const render = (text: string, format: "text" | "yaml" | "json") =>
          renderTemplate(text, { api, identity, format });
        expect(await render("${{secrets.ONE}}|${{secrets.two}}", "text")).toBe(`${one}|${two}`);
        const json: unknown = JSON.parse(await render('["${{secrets.ONE}}|${{secrets.two}}"]', "json"));
        expect(json).toEqual([`${one}|${two}`]);
        const yaml: unknown = parse(await render("- ${{secrets.ONE}}|${{secrets.two}}", "yaml"));
        expect(yaml).toEqual([`${one}|${two}`]);
      }),
      { numRuns: 50 },
    );
  });
});

describe("checkTemplate", () => {
  test("says of every name what the caller may have, and touches nothing", async () => {
    const { sink, events } = recorder();
    const { api, calls } = apiWith({ audit: sink });
    const template =
      "${{ secrets.api_key }} ${{ secrets.other }}\n${{ secrets.API_KEY }} ${{ secrets.nope }} ${{ secrets.missing }}";
    const { secrets, error } = await checkTemplate(template, { api, identity, file: "x" });
    expect(
      secrets.map(({ name, configured, decision, uses }) => [
        name,
        configured,
        decision?.verdict,
        uses.map(({ line }) => line),
      ]),
    ).toEqual([
      ["api_key", true, "allow", [1, 2]],
      ["other", true, "deny", [1]],
      ["nope", false, undefined, [2]],
      ["missing", true, "allow", [2]],
    ]);
    expect([error?.exitCode, error?.problems.length]).toEqual([3, 2]);
    expect({ calls, events }).toEqual({ calls: [], events: [] });
    expect((await checkTemplate("${{ secrets.missing }}", { api, identity })).error).toBeUndefined();
    expect((await checkTemplate("${{ secrets.nope }}", { api, identity })).error?.exitCode).toBe(2);
  });
});

test("a call that is wrong says what was expected", async () => {
  const { api, calls } = apiWith();
  const untyped = (value: unknown) => value as never;
  const mistakes: readonly (readonly [Promise<unknown>, string])[] = [
    [renderTemplate(untyped(5), { api, identity }), "`template`: expected a string"],
    [renderTemplate("", untyped(undefined)), "`options`: expected an object"],
    [renderTemplate("", untyped({ identity })), "`api`: expected a SecretsApi"],
    [renderTemplate("", { api, identity, format: untyped("toString") }), "`format`: expected one of text, yaml, json"],
    [
      renderTemplate("", { api, identity, escape: untyped("html") }),
      "`escape`: expected one of json, yaml, shell, url, xml",
    ],
    [renderTemplate("", { api, identity, file: untyped(5) }), "`file`: expected a string"],
    [renderTemplate("", untyped({ api, identity, formt: "yaml" })), "`options`: unknown key `formt`"],
    [neededSecrets(untyped(undefined)), "`template`: expected a string"],
    [Promise.resolve(undefined).then(() => referencesIn(untyped(5))), "`text`: expected a string"],
  ];
  for (const [call, message] of mistakes) expect((await errorOf(call)).message).toBe(message);
  expect(calls).toEqual([]);
});

test("what a template needs is known without an api", async () => {
  const text = "a: ${{ secrets.B }} ${{ secrets.A }}\nb: ${{ secrets.b }}\n";
  const needed = await neededSecrets(text, { format: "yaml" });
  expect(needed.map(({ name, uses }) => [name, uses.length])).toEqual([
    ["b", 2],
    ["a", 1],
  ]);
  expect((await errorOf(neededSecrets("${{ secrets. }}\n${{ secrets.1 }}"))).problems).toHaveLength(2);
});

/** An api whose only store holds these values. */
async function memoryApi(values: Readonly<Record<string, string | Uint8Array>>): Promise<SecretsApi> {
  const data = {
    stores: { memory: { backend: "memory" } },
    refs: Object.fromEntries(Object.keys(values).map((name) => [name, { store: "memory", path: name, policy: "all" }])),
    policies: { all: { allowed_principals: ["marketdata"], actions: ["read", "write"] } },
  };
  const api = SecretsApi.fromConfigData(data, { backends: [memoryBackend()] });
  for (const [secretName, value] of Object.entries(values)) await api.setSecret({ secretName, identity, value });
  return api;
}
