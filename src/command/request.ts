/** What a program is asked to do with one path. */
export type ProgramAction = "read" | "write" | "delete";

/**
 * What a program finds on its standard input (docs/command.md, version 1): one line of JSON, and after the line of a
 * write its value, as many bytes as the line says. A program that finds fewer must store nothing.
 */
export function requestBytes(
  request: { readonly action: ProgramAction; readonly path: string; readonly store: string },
  value?: Uint8Array,
): Uint8Array {
  const { action, path, store } = request;
  const line = { version: 1, action, path, store, ...(value === undefined ? {} : { bytes: value.length }) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(line)}\n`), value ?? new Uint8Array()]);
}
