import { doubleQuoted } from "./yaml-quote.js";

/** How a value is written into a text of some syntax. */
export interface Escape {
  /** What comes out, for help and messages. */
  readonly description: string;
  /**
   * Where in a line a reference must stand: `inside` double quotes that the template writes, `outside` of quotes because
   * the escape writes its own, or anywhere.
   */
  readonly place: "inside" | "outside" | "anywhere";
  /** What a value must not hold, or `undefined` when it can be written. */
  readonly fault: (value: string) => string | undefined;
  readonly write: (value: string) => string;
}

const holdsAnything = (): undefined => undefined;
const holdsNoNul = (value: string): string | undefined => (value.includes("\0") ? "a NUL character" : undefined);

/** The escapes of text templates, by the name that `--escape` takes. */
export const escapes = {
  /** RFC 8259, section 7. */
  json: {
    description: "the inside of a JSON string; the template writes the double quotes",
    place: "inside",
    fault: holdsAnything,
    write: (value) => JSON.stringify(value).slice(1, -1),
  },
  /** YAML 1.2.2, section 7.3.1; read alike by YAML 1.1. */
  yaml: {
    description: "a whole double-quoted YAML value, with its quotes",
    place: "outside",
    fault: holdsAnything,
    write: doubleQuoted,
  },
  /** POSIX.1-2017, Shell Command Language, section 2.2.2. */
  shell: {
    description: "a whole word of a POSIX shell, with its single quotes",
    place: "outside",
    fault: holdsNoNul,
    write: (value) => `'${value.replaceAll("'", "'\\''")}'`,
  },
  /** RFC 3986, section 2: all but the unreserved characters. */
  url: {
    description: "percent-encoded, for a component of a URL",
    place: "anywhere",
    fault: holdsAnything,
    write: (value) =>
      encodeURIComponent(value).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
  },
  /** XML 1.0, sections 2.2, 2.4, 2.11 and 3.3.3: line breaks and tabs as references, or attributes would lose them. */
  xml: {
    description: "XML text, or an attribute's value between the template's quotes",
    place: "anywhere",
    fault: (value) => (/[^\t\n\r -\uFFFD]/.test(value) ? "a character that XML cannot hold" : undefined),
    write: (value) => value.replace(/[&<>"'\t\n\r\u0085\u2028]/g, (sign) => `&#${sign.charCodeAt(0)};`),
  },
} as const satisfies Readonly<Record<string, Escape>>;

export type EscapeName = keyof typeof escapes;

/** @returns `undefined` when there is no such escape */
export function escapeNamed(name: string): EscapeName | undefined {
  return Object.keys(escapes).find((known): known is EscapeName => known === name);
}

/**
 * In which quotes offsets stand, as far as their lines tell: a backslash takes the next character's meaning except in
 * single quotes.
 *
 * @returns a function of offsets that are asked for in rising order; it gives the quote, or `undefined` outside of quotes
 */
export function quoteFinder(text: string): (offset: number) => string | undefined {
  let quote: string | undefined;
  let at = 0;
  return (offset) => {
    for (; at < offset; at++) {
      const sign = text[at];
      if (sign === "\n") quote = undefined;
      else if (sign === "\\" && quote !== "'" && text[at + 1] !== "\n") at++;
      else if (quote === undefined && (sign === '"' || sign === "'")) quote = sign;
      else if (sign === quote) quote = undefined;
    }
    return quote;
  };
}
