import { AbsentError, quote } from "../../errors.js";
import type { Secret } from "../../domain/secret.js";
import type { Arguments } from "../arguments.js";
import { openSession } from "../session.js";
import { say, writeJson, writeOutput } from "../terminal.js";

/** `get NAME`: the value and a newline. Without a configuration NAME is a path for the one-call form. */
export async function run(args: Arguments): Promise<number> {
  const [name = ""] = args.positionals;
  const session = await openSession(args);
  const secret =
    session === undefined ? await withoutConfiguration(name, args) : await session.api.openSecret(session.ask(name));
  const fallback = args.option("default");
  if (secret === undefined && fallback === undefined) return absent(name, args);
  print(name, secret ?? fallback ?? "", args);
  return 0;
}

async function withoutConfiguration(path: string, args: Arguments): Promise<Secret | undefined> {
  const { openSecretWithoutConfiguration } = await import("../../resolution/one-call.js");
  const trace = args.flag("verbose") ? say : undefined;
  return openSecretWithoutConfiguration(path, {
    trace,
    allowInsecurePermissions: args.flag("allow-insecure-permissions"),
  });
}

function absent(name: string, args: Arguments): number {
  if (args.flag("json")) throw new AbsentError(`${quote(name)} has no value`);
  say("[NOT FOUND]");
  return 1;
}

function print(name: string, value: Secret | string, args: Arguments): void {
  const bytes = typeof value === "string" ? Buffer.from(value) : Buffer.from(value.bytes());
  if (args.flag("json")) {
    const text = bytes.toString("utf8");
    const isText = Buffer.from(text).equals(bytes);
    writeJson(isText ? { name, value: text } : { name, value: bytes.toString("base64"), encoding: "base64" });
    return;
  }
  writeOutput(args.flag("no-newline") ? bytes : Buffer.concat([bytes, Buffer.from("\n")]));
}
