import { isUtf8 } from "node:buffer";

/** Go's `unicode.IsSpace`. */
const goSpace = String.raw`\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000`;

/**
 * An env file as `docker run --env-file` reads it, from the rules of docker/cli (pkg/kvfile): lines as `bufio.ScanLines`
 * cuts them, white space before a line dropped, `#` lines passed over, everything after the first `=` is the value.
 */
export function readEnvFileAsDocker(bytes: Uint8Array): Record<string, string> {
  const found: Record<string, string> = {};
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const [index, raw] of lines.entries()) {
    if (raw.length + 1 >= 64 * 1024) throw new Error("bufio.Scanner: token too long");
    const line = Buffer.from(raw.replace(/\r$/, ""), "latin1");
    if (!isUtf8(line)) throw new Error(`invalid utf8 bytes at line ${index + 1}`);
    const text = (index === 0 ? line.toString().replace(/^\uFEFF/, "") : line.toString()).replace(
      new RegExp(`^[${goSpace}]+`),
      "",
    );
    if (text === "" || text.startsWith("#")) continue;
    const at = text.indexOf("=");
    if (at === -1) throw new Error("a name alone is taken from the environment");
    const name = text.slice(0, at);
    if (name === "" || new RegExp(`[${goSpace}]`).test(name)) throw new Error("not a name");
    found[name] = text.slice(at + 1);
  }
  return found;
}

type State = "name" | "start" | "bare" | "single" | "double";

/**
 * An env file as a systemd unit reads it (`EnvironmentFile=`), from the rules in systemd.exec(5) and the states of
 * basic/env-file.c: quotes may open where a value starts, double quotes know `\` before one of `"`, `\`, backtick and `$`.
 */
export function readEnvironmentFileAsSystemd(bytes: Uint8Array): Record<string, string> {
  if (!isUtf8(bytes) || bytes.includes(0)) throw new Error("not text");
  const found: Record<string, string> = {};
  let [state, name, value]: [State, string, string] = ["name", "", ""];
  const characters = Array.from(Buffer.from(bytes).toString());
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? "";
    const isLineEnd = character === "\n" || character === "\r";
    if (state === "name") {
      if (character === "=") state = "start";
      else if (isLineEnd) throw new Error("a line without =");
      else name += character;
    } else if (state === "single" || state === "double") {
      if (character === (state === "single" ? "'" : '"')) state = "start";
      else if (character === "\\" && state === "double") {
        const next = characters[++index] ?? "";
        value += next === "\n" ? "" : /["\\`$]/.test(next) ? next : `\\${next}`;
      } else value += character;
    } else if (isLineEnd) {
      found[name] = state === "bare" ? value.trimEnd() : value;
      [state, name, value] = ["name", "", ""];
    } else if (state === "start" && character === "'") state = "single";
    else if (state === "start" && character === '"') state = "double";
    else if (character === "\\") {
      state = "bare";
      value += characters[++index] ?? "";
    } else if (state === "bare" || !/[ \t]/.test(character)) {
      state = "bare";
      value += character;
    }
  }
  return found;
}
