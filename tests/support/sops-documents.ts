import fc from "fast-check";
import type { SopsFormat, SopsScalar, SopsTree } from "../../src/sops/document.js";
import { writeString } from "../../src/sops/json/write.js";
import { writeIniSection, writeIniKey, writeIniValue } from "../../src/sops/ini/write.js";
import { writeKey, writeScalar } from "../../src/sops/yaml/write.js";

/** Text that somebody could have as a secret or a note, awkward to one format or another. */
export const awkwardTexts: readonly string[] = [
  "",
  " ",
  "x",
  "null",
  "~",
  "yes",
  "No",
  "true",
  "0777",
  "0x1F",
  "1_000",
  "1e3",
  ".5",
  "-.inf",
  "2001-01-01",
  "12:30:45",
  "- a",
  "a: b",
  "a #b",
  "#b",
  "&a",
  "*a",
  "!b",
  "%c",
  "@d",
  "`e`",
  "{f}",
  "[g]",
  "h,i",
  "? j",
  "| k",
  "> l",
  "'m'",
  '"n"',
  '"o" p',
  "back\\slash",
  "ends in \\",
  "=q=",
  "line\nbreak",
  "line\nbreak\n",
  "\n\nleading",
  "  indented\n  twice",
  "trailing \nblank",
  "tab\tbed",
  "\tleading tab",
  "carriage\r\nreturn",
  "é ü 漢字 😀",
  "nbsp\u00A0",
  "\u2028separator",
  "\u0085next line",
  "\u0007bell",
  "\uFEFFmark",
  "<&>",
  "-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n",
  "ENC[",
  "ENC[AES256_GCM,data:QQ==]",
  "x".repeat(3000),
  `words ${"of a long line ".repeat(30)}`,
  "---",
  "...",
  "<<",
  "$HOME ${HOME} %(home)s",
];

export const sopsText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...awkwardTexts) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme-ascii", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
);

/** Keys without `/`, so that every value has an address. */
export const sopsKey: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "yes",
        "1",
        "null",
        "a b",
        "c:d",
        "é",
        "~",
        "'q'",
        "-",
        "x.y",
        "#h",
        "k=v",
        "<<<",
        "{b}",
      ),
    },
    // Left unencrypted by default.
    { weight: 1, arbitrary: fc.stringMatching(/^[a-z]{1,4}_unencrypted$/) },
  )
  .filter((key) => !key.startsWith("sops"));

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const integer = fc.oneof(fc.bigInt({ min: -9n, max: 9n }), int64, fc.constantFrom(2n ** 53n + 1n, -(2n ** 63n)));

const stringOf = (texts: fc.Arbitrary<string>): fc.Arbitrary<SopsScalar> =>
  texts.map((value) => ({ type: "str", value }));
const otherScalars: readonly fc.Arbitrary<SopsScalar>[] = [
  integer.map((value) => ({ type: "int", value })),
  fc.boolean().map((value) => ({ type: "bool", value })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({ type: "float", value })),
  fc.constant({ type: "null" }),
];
const time = fc
  .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true })
  .map((date): SopsScalar => ({ type: "time", value: date.toISOString().replace(/\.?0*Z$/, "Z") }));

/** What JSON can say. */
export const jsonScalar: fc.Arbitrary<SopsScalar> = fc.oneof(stringOf(sopsText), ...otherScalars);
/** What YAML can say. */
export const yamlScalar: fc.Arbitrary<SopsScalar> = scalarOfYaml(sopsText);

function scalarOfYaml(texts: fc.Arbitrary<string>): fc.Arbitrary<SopsScalar> {
  return fc.oneof(
    stringOf(texts),
    ...otherScalars,
    time,
    fc.constantFrom(Number.NaN, Infinity, -Infinity).map((value): SopsScalar => ({ type: "float", value })),
    fc
      .uint8Array({ minLength: 1, maxLength: 9 })
      .map((bytes): SopsScalar => ({ type: "bytes", value: Buffer.of(0xff, ...bytes) })),
  );
}

/** Maps and lists of scalars, nested; the root is a map. */
export function sopsTree(scalar: fc.Arbitrary<SopsScalar>): fc.Arbitrary<ReadonlyMap<string, SopsTree>> {
  const { root } = fc.letrec<{ root: ReadonlyMap<string, SopsTree>; value: SopsTree }>((tie) => ({
    root: fc
      .uniqueArray(fc.tuple(sopsKey, tie("value")), { maxLength: 5, selector: ([key]) => key })
      .map((entries) => new Map(entries)),
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small", withCrossShrink: true },
      { weight: 5, arbitrary: scalar },
      { weight: 2, arbitrary: tie("root") },
      { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 4 }) },
    ),
  }));
  return root;
}

const commentText = fc.oneof(
  fc.stringMatching(/^ [ -~]{0,20}$/),
  fc.constantFrom("", "#", " é", " key: value", " - item", " ---", "!"),
);
const someComments = fc.array(fc.record({ text: commentText, shift: fc.nat(3), isBlank: fc.boolean() }), {
  maxLength: 3,
});
type Comments = readonly { readonly text: string; readonly shift: number; readonly isBlank: boolean }[];

interface Item {
  readonly key: string;
  readonly above: Comments;
  readonly beside: string | undefined;
  readonly value: Written;
}
type Written =
  | { readonly kind: "scalar"; readonly scalar: SopsScalar; readonly style: number }
  | {
      readonly kind: "map" | "list";
      readonly items: readonly Item[];
      readonly isFlow: boolean;
      readonly below: Comments;
    }
  | { readonly kind: "alias"; readonly target: number };

const written = (texts: fc.Arbitrary<string>) =>
  fc.letrec<{ value: Written; block: Written; item: Item }>((tie) => ({
    item: fc.record({
      key: sopsKey,
      above: fc.option(someComments, { freq: 3, nil: [] }),
      beside: fc.option(commentText, { freq: 4, nil: undefined }),
      value: tie("value"),
    }),
    block: fc.record({
      kind: fc.constantFrom("map" as const, "list" as const),
      items: fc.uniqueArray(tie("item"), { minLength: 1, maxLength: 4, selector: ({ key }) => key }),
      isFlow: fc.option(fc.constant(true), { freq: 5, nil: false }),
      below: fc.option(someComments, { freq: 5, nil: [] }),
    }),
    value: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant("scalar" as const), scalar: scalarOfYaml(texts), style: fc.nat(9) }),
      },
      { weight: 3, arbitrary: tie("block") },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("alias" as const), target: fc.nat(7) }) },
    ),
  }));

/** What a text of YAML may have besides values in any style, flow and block, and comments in maps. */
export interface YamlFeatures {
  readonly anchors: boolean;
  /** SOPS 3.13.2 encrypts comments in lists as items, and cannot decrypt what it wrote. */
  readonly listComments: boolean;
  /** Default: all. go-yaml writes some of them in lists so that they are others when they are read. */
  readonly texts?: fc.Arbitrary<string>;
}

/** Hand-written YAML of one to three documents. */
export function yamlText({ anchors, listComments, texts = sopsText }: YamlFeatures): fc.Arbitrary<string> {
  const body = fc.uniqueArray(written(texts).item, { maxLength: 6, selector: ({ key }) => key });
  return fc
    .tuple(fc.array(body, { minLength: 1, maxLength: 3 }), fc.constantFrom(2, 4, 3), fc.boolean())
    .map(([documents, step, isEnded]) => {
      const writers = documents.map((items) => new YamlWriter(step, anchors, listComments).document(items));
      const text = writers.join("---\n");
      return isEnded ? text : text.replace(/\n$/, "");
    });
}

/** Writes what was drawn; keeps the names of anchors that came before, for aliases to use. */
class YamlWriter {
  readonly #step: number;
  readonly #hasAnchors: boolean;
  readonly #hasListComments: boolean;
  #anchors = 0;

  constructor(step: number, hasAnchors: boolean, hasListComments: boolean) {
    this.#step = step;
    this.#hasAnchors = hasAnchors;
    this.#hasListComments = hasListComments;
  }

  document(items: readonly Item[]): string {
    const lines = items.flatMap((item) => this.#block("map", item, 0));
    return lines.map((line) => `${line}\n`).join("");
  }

  #block(kind: "map" | "list", { key, above, beside, value }: Item, column: number): readonly string[] {
    const pad = " ".repeat(column);
    const isBare = kind === "list" && !this.#hasListComments;
    const comments = isBare ? [] : this.#comments(above, column);
    const start = `${pad}${kind === "map" ? `${writeKey(key)}:` : "-"}`;
    const tail = beside === undefined || isBare ? "" : ` #${beside}`;
    if (value.kind === "alias") return [...comments, `${start} ${this.#alias(value.target)}${tail}`];
    if (value.kind === "scalar") {
      const [first = "", ...more] = this.#scalar(value.scalar, value.style, column + this.#step);
      const isBlock = /^[|>]/.test(first);
      const anchor = this.#anchor(value.style);
      const whole = [`${start} ${anchor}${first}${isBlock || more.length === 0 ? tail : ""}`, ...more];
      return [...comments, ...whole];
    }
    if (value.isFlow)
      return [
        ...comments,
        `${start} ${this.#flow(value)}${value.kind === "list" && !this.#hasListComments ? "" : tail}`,
      ];
    const inner = column + (kind === "list" ? 2 : this.#step);
    const lines = value.items.flatMap((item) => this.#block(value.kind, item, inner));
    const isBareBelow = value.kind === "list" && !this.#hasListComments;
    return [
      ...comments,
      `${start}${isBareBelow ? "" : tail}`,
      ...lines,
      ...(isBareBelow ? [] : this.#comments(value.below, inner)),
    ];
  }

  #comments(comments: Comments, column: number): readonly string[] {
    return comments.map(({ text, shift, isBlank }) =>
      isBlank ? "" : `${" ".repeat(Math.max(0, column - (shift === 3 ? 1 : 0)))}#${text}`,
    );
  }

  #anchor(style: number): string {
    if (!this.#hasAnchors || style < 6) return "";
    this.#anchors += 1;
    return `&a${this.#anchors} `;
  }

  #alias(target: number): string {
    return this.#anchors === 0 ? "none" : `*a${(target % this.#anchors) + 1}`;
  }

  #flow(value: Written): string {
    if (value.kind === "alias") return `${this.#alias(value.target)} `;
    if (value.kind === "scalar") return writeScalar(value.scalar, true);
    const items = value.items.map(({ key, value: inner }) =>
      value.kind === "map" ? `${writeKey(key)}: ${this.#flow(inner)}` : this.#flow(inner),
    );
    return value.kind === "map" ? `{${items.join(", ")}}` : `[${items.join(", ")}]`;
  }

  /** In one of the styles that can hold it. */
  #scalar(scalar: SopsScalar, style: number, column: number): readonly string[] {
    if (scalar.type !== "str") return [writeScalar(scalar, false)];
    const { value } = scalar;
    const pad = " ".repeat(column);
    const isPrintable = /^[ -~\n\u00A1-\u1FFF\u3000-\uD7FF]*$/.test(value);
    if (style % 5 === 1 && isPrintable && !value.includes("\n")) return [`'${value.replaceAll("'", "''")}'`];
    if (style % 5 === 2 && isPrintable && /^\S/.test(value) && !/[ \t]\n|\n$/.test(value)) {
      return ["|-", ...value.split("\n").map((line) => (line === "" ? "" : pad + line))];
    }
    if (style % 5 === 3 && isPrintable && /^\S/.test(value) && !/\n|[ \t]$/.test(value)) return [">-", pad + value];
    if (style % 5 === 4) return [JSON.stringify(value).replace(/[\u007F-\u009F\u2028\u2029\uFEFF]/g, unicodeEscape)];
    return [writeScalar(scalar, false)];
  }
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const blank = fc.constantFrom("", "", " ", "\n", "\t", "\n  ");

/** JSON in any layout, with escapes where they may be. */
export const jsonText: fc.Arbitrary<string> = fc
  .tuple(sopsTree(jsonScalar), fc.infiniteStream(blank), fc.constantFrom("", "\n"))
  .map(([tree, blanks, end]) => {
    const gap = (): string => String(blanks.next().value ?? "");
    const write = (part: SopsTree): string => {
      if (part instanceof Map) {
        const entries = [...part].map(
          ([key, value]) => `${gap()}${writeString(key)}${gap()}:${gap()}${write(value)}${gap()}`,
        );
        return `{${entries.join(",")}}`;
      }
      if (Array.isArray(part)) return `[${part.map((value: SopsTree) => gap() + write(value) + gap()).join(",")}]`;
      return jsonSpelling(part as SopsScalar);
    };
    return write(tree) + end;
  });

function jsonSpelling(scalar: SopsScalar): string {
  if (scalar.type === "str") return JSON.stringify(scalar.value);
  if (scalar.type === "float") return Object.is(scalar.value, -0) ? "-0.0" : scalar.value.toExponential();
  return scalar.type === "null" ? "null" : String("value" in scalar ? scalar.value : "");
}

const dotenvKey = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_. ]{0,10}$/).filter((key) => !key.startsWith("sops_"));

/** Env files: keys, comments and empty lines. */
export const dotenvText: fc.Arbitrary<string> = fc
  .uniqueArray(
    fc.record({
      key: dotenvKey,
      value: sopsText.map((value) => value.replaceAll("\n", "\\n")),
      above: fc.option(commentText, { freq: 3 }),
      isBlank: fc.boolean(),
    }),
    { maxLength: 8, selector: ({ key }) => key },
  )
  .map((lines) =>
    lines
      .map(
        ({ key, value, above, isBlank }) =>
          `${above === null ? "" : `#${above}\n`}${isBlank ? "\n" : ""}${key}=${value}\n`,
      )
      .join(""),
  );

const iniKey = fc.constantFrom("user", "password", "a.b", "K", "x_unencrypted", "with space", "co:lon", "é");
/** What the INI of SOPS can write and read again; it loses others itself. */
const iniValue = sopsText.filter(
  (value) => !/["'`\\]|\p{Cc}|\u2028|\uFEFF|^\s|\s$/u.test(value.replaceAll("\n", "")) && value.trim() === value,
);

/** INI files: sections, comments above and beside. */
export const iniText: fc.Arbitrary<string> = fc
  .uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9. ]{0,6}[a-z]$/).filter((name) => name !== "sops"),
      above: fc.option(fc.stringMatching(/^[a-z][a-z ]{0,9}[a-z]$/), { freq: 3 }),
      keys: fc.uniqueArray(
        fc.record({
          key: iniKey,
          value: iniValue,
          above: fc.option(fc.stringMatching(/^[a-z][a-z ]{0,9}[a-z]$/), { freq: 3 }),
          mark: fc.constantFrom("; ", "# ", ";"),
          equals: fc.constantFrom(" = ", "=", " : "),
        }),
        { maxLength: 5, selector: ({ key }) => key },
      ),
    }),
    { maxLength: 4, selector: ({ name }) => name },
  )
  .map((sections) =>
    sections
      .map(({ name, above, keys }) => {
        const lines = keys.flatMap(({ key, value, above: note, mark, equals }) => [
          ...(note === null ? [] : [mark + note]),
          `${writeIniKey(key)}${equals}${writeIniValue({ type: "str", value })}`,
        ]);
        return [...(above === null ? [] : [`; ${above}`]), writeIniSection(name), ...lines, ""].join("\n");
      })
      .join("\n"),
  );

const survivingTexts = sopsText.filter((value) => !/^\s.*\n|^\n/s.test(value));

/** Unencrypted, sops writes these as they are, and go-yaml takes them for line breaks. */
const hasOddBreak = (text: string): boolean => text.includes("_unencrypted") && /\\u(?:0085|2028|2029)/.test(text);

/** YAML with anchors and aliases, which sops replaces by what they stand for. */
export const plainAnchors: fc.Arbitrary<Uint8Array> = yamlText({
  anchors: true,
  listComments: false,
  texts: survivingTexts,
})
  .filter((text) => !hasOddBreak(text))
  .map((text) => Buffer.from(text));

/** A plain file for each format of SOPS. */
export const plainFiles: Readonly<Record<SopsFormat["name"], fc.Arbitrary<Uint8Array>>> = {
  yaml: fc
    .oneof(
      { weight: 5, arbitrary: yamlText({ anchors: false, listComments: false, texts: survivingTexts }) },
      { weight: 1, arbitrary: yamlText({ anchors: false, listComments: true, texts: survivingTexts }) },
    )
    .filter((text) => !hasOddBreak(text))
    .map((text) => Buffer.from(text)),
  json: jsonText.map((text) => Buffer.from(text)),
  dotenv: dotenvText.map((text) => Buffer.from(text)),
  ini: iniText.map((text) => Buffer.from(text)),
  binary: fc.oneof(
    sopsText.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 300 }),
  ),
};
