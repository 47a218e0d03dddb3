import { keyholderName } from "../../src/cli/keyholder-name.js";
import type { Project } from "./project.js";

const user = keyholderName();

/** What differs from run to run, and what stands for it in a transcript. */
const variables: readonly (readonly [RegExp, string])[] = [
  // Not the example in a message.
  [/(?!2026-11-22T08:00:00Z)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>"],
  [/\bage1(?:pq1)?[02-9ac-hj-np-z]{30,}…?/g, "<recipient>"],
  [/(?<=state\/audit\/)[0-9a-f]{64}(?=\.json)/g, "<log>"],
  [/SHA256:[\w+/]{43}/g, "<fingerprint>"],
  [/(?<![\w+/])[\w+/]{43}=/g, "<signer>"],
  [/(?<![\w+/])[\w+/]{22}==/g, "<store id>"],
  [new RegExp(`^((?: *recipient|writer) +)${user}  `, "gm"), "$1<user>  "],
  [new RegExp(`^  ${user}:$`, "gm"), "  <user>:"],
  [new RegExp(`\`${user}\``, "g"), "`<user>`"],
  [new RegExp(`(keys rm) ${user}$`, "gm"), "$1 <user>"],
  [/^(machine +)\S+( {2}\(discovered\))$/gm, "$1<host>$2"],
  [/^(substrate +)\S+( {2}\(discovered\))$/gm, "$1<substrate>$2"],
  [/("value": )"[^"]+"(,\n +"source": "discovered")/g, '$1"<discovered>"$2'],
];

const step = /^((?:# .*\n)*)(([a-z]*)\$ (.+))$/gm;

/**
 * Plays a transcript again: every line `$ COMMAND` is run by a shell and what it prints, on both streams, stands below
 * it, with `(exit N)` when N is not 0. `NAME$ COMMAND` runs it on another machine. Lines of `#` right above a command stay.
 *
 * @returns the transcript as it went this time
 */
export async function replay(transcript: string, project: Project): Promise<string> {
  const played: string[] = [];
  for (const [, remarks = "", line = "", name = "", command = ""] of transcript.matchAll(step)) {
    const machine = name === "" ? project : project.machine(name);
    const { status, stdout } = await machine.shell(`exec 2>&1; ${command}`);
    const end = stdout === "" || stdout.endsWith("\n") ? "" : "\n(no newline)\n";
    played.push(`${remarks}${line}\n${neutral(stdout, project)}${end}${status === 0 ? "" : `(exit ${status})\n`}`);
  }
  return `${played.join("\n").trimEnd()}\n`;
}

function neutral(output: string, { root }: Project): string {
  return variables.reduce((text, [pattern, sign]) => text.replace(pattern, sign), output.replaceAll(root, "<root>"));
}
