import { ContentScan } from "./content-scan.js";
import type { Hit } from "./content-scan.js";
import { isEnvFileName, plaintextVariables } from "./env-file.js";
import { hasFernetKey, isKeyFileName } from "./key-marks.js";
import type { MarkSearch } from "./marks.js";
import { shownPath } from "./shown-path.js";
import { partForm } from "./value-marks.js";

/** Something that should not be in a file. Never the value, nor what stands around it. */
export interface Sighting {
  /** `env` is a plaintext variable of an env file; `key` a private key. */
  readonly kind: "value" | "key" | "env";
  /** Of the secret, of the variable, or what kind of key. */
  readonly name: string;
  /** How it is written there, for a person. */
  readonly form: string;
  /** From 1; 0 when it is in the path itself. */
  readonly line: number;
}

/** What was seen in a file. */
export interface Seen {
  /** In its contents, wherever they lie. */
  readonly contents: readonly Sighting[];
  /** In the path itself. */
  readonly path: readonly Sighting[];
  /** What its name promises of the contents. */
  readonly promised: readonly Sighting[];
}

/** Everything that was seen, in the order in which it is told. */
export function allOf({ path, promised, contents }: Seen): readonly Sighting[] {
  return [...path, ...promised, ...contents];
}

/** Env and key files are small; of what is larger only the marks are looked for. */
const maximumWholeBytes = 1024 * 1024;

/** Examines one file or version of a file after the other: contents, path, and what its name promises. */
export class Inspector {
  readonly #search: MarkSearch;
  readonly #scan: ContentScan;
  #path: Uint8Array = Buffer.alloc(0);
  /** The contents, of a file whose name promises something. */
  #whole: Buffer[] | undefined;
  /** What was examined so far. */
  files = 0;
  bytes = 0;

  constructor(search: MarkSearch) {
    this.#search = search;
    this.#scan = new ContentScan(search);
  }

  /** @param byName - whether an env or key file is a finding by itself, as in a repository, where others get it */
  begin(path: Uint8Array, byName: boolean): void {
    this.#path = path;
    this.#whole = byName && promiseOf(path) !== undefined ? [] : undefined;
  }

  fill(read: (buffer: Buffer, offset: number, length: number) => number): number {
    return this.#scan.fill((buffer, offset, length) => {
      const count = read(buffer, offset, length);
      this.#keep(buffer.subarray(offset, offset + count));
      return count;
    });
  }

  write(piece: Uint8Array): void {
    this.#keep(piece);
    this.#scan.write(piece);
  }

  end(): Seen {
    this.files++;
    this.bytes += this.#scan.bytes;
    return { contents: sightingsOf(this.#scan.end()), path: this.inPath(this.#path), promised: this.#promised() };
  }

  /** A path for a person: without the values in it. */
  shown(path: Uint8Array): string {
    const masked = Buffer.from(path);
    this.#search.find(Buffer.from(path), 0, ({ bytes }, at) => masked.fill("*", at, at + bytes.length));
    return shownPath(masked);
  }

  /** What is to be seen in a path alone. */
  inPath(path: Uint8Array): readonly Sighting[] {
    const names = new Map<string, Sighting>();
    this.#search.find(Buffer.from(path), 0, ({ kind, name }) => {
      names.set(name, { kind, name, form: "in the file's name", line: 0 });
    });
    return [...names.values()];
  }

  #keep(piece: Uint8Array): void {
    if (this.#whole !== undefined && this.#scan.bytes <= maximumWholeBytes) this.#whole.push(Buffer.from(piece));
  }

  #promised(): readonly Sighting[] {
    if (this.#whole === undefined) return [];
    const bytes = Buffer.concat(this.#whole);
    if (promiseOf(this.#path) === "env") {
      return plaintextVariables(bytes).map(({ name, line }) => ({
        kind: "env",
        name,
        form: "plaintext in an env file",
        line,
      }));
    }
    return hasFernetKey(bytes) ? [{ kind: "key", name: "Fernet key", form: "private key", line: 1 }] : [];
  }
}

/** Parts of a value on lines that follow each other are one sighting, at the first of them. */
function sightingsOf(hits: readonly Hit[]): readonly Sighting[] {
  const sightings: Sighting[] = [];
  const runs = new Map<string, { readonly index: number; readonly first: number; readonly last: number }>();
  for (const { line, mark } of hits) {
    const { kind, name, form, isPart = false } = mark;
    const key = `${name} ${form}`;
    const run = runs.get(key);
    if (isPart && run?.last === line - 1) {
      runs.set(key, { ...run, last: line });
      const lines = form === partForm ? `${line - run.first + 1} lines of it` : form;
      sightings[run.index] = { kind, name, form: lines, line: run.first };
    } else {
      if (isPart) runs.set(key, { index: sightings.length, first: line, last: line });
      sightings.push({ kind, name, form, line });
    }
  }
  return sightings;
}

/** What the name of a file promises of its contents: variables of a program, or a private key. */
export function promiseOf(path: Uint8Array): "env" | "key" | undefined {
  const bytes = Buffer.from(path);
  const base = bytes.toString("latin1", bytes.lastIndexOf("/") + 1);
  if (isEnvFileName(base)) return "env";
  return isKeyFileName(base) ? "key" : undefined;
}
