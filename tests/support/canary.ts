import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A value that cannot be anywhere by chance, and every form in which it could have got out. */
export interface Canary {
  readonly value: string;
  /** Which forms are in a text, by name; empty when there is none. */
  readonly formsIn: (text: string | Uint8Array) => readonly string[];
  /** The files under directories, by path, that hold any form, in their contents or their name. */
  readonly filesWith: (...directories: readonly string[]) => readonly string[];
}

/** Makes a new canary. With a newline and a quote, so that escaped forms differ from the raw one. */
export function makeCanary(): Canary {
  const body = `canary-${randomBytes(12).toString("hex")}`;
  const value = `${body}"\n${body}ü`;
  const raw = Buffer.from(body);
  // Of each encoding the part that does not depend on what stands before and after.
  const forms: readonly (readonly [string, string])[] = [
    ["raw", body],
    ["hex", raw.toString("hex")],
    ...[0, 1, 2].map((shift) => ["base64", middleOfBase64(raw, shift)] as const),
    ["base64 of hex", middleOfBase64(Buffer.from(raw.toString("hex")), 0)],
    ["utf-16", raw.toString("latin1").split("").join("\0")],
    ["reversed", [...body].toReversed().join("")],
  ];
  const formsIn = (text: string | Uint8Array): readonly string[] => {
    const searched = typeof text === "string" ? text : Buffer.from(text).toString("latin1");
    const lowered = searched.toLowerCase();
    return forms.flatMap(([name, form]) =>
      searched.includes(form) || (name === "hex" && lowered.includes(form)) ? [name] : [],
    );
  };
  const filesWith = (...directories: readonly string[]): readonly string[] =>
    directories.flatMap((directory) =>
      readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
        const file = join(entry.parentPath, entry.name);
        const contents = entry.isFile() ? readFileSync(file) : "";
        return formsIn(file).length > 0 || formsIn(contents).length > 0 ? [file] : [];
      }),
    );
  return { value, formsIn, filesWith };
}

function middleOfBase64(bytes: Uint8Array, shift: number): string {
  const shifted = Buffer.concat([Buffer.alloc(shift), bytes, Buffer.alloc(3)]).toString("base64");
  return shifted.slice(4, Math.floor((bytes.length + shift) / 3) * 4 - 4);
}
