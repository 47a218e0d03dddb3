import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";

const compiler = resolve(import.meta.dirname, "../../node_modules/typescript/bin/tsc");
const separator = "\r\n\r\n";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
}

/** What an editor offers at places of one file: TypeScript's own language server, asked over its standard streams. */
export async function openInEditor(directory: string, name: string) {
  const server = spawn(process.execPath, [compiler, "--lsp", "--stdio"], {
    cwd: directory,
    stdio: ["pipe", "pipe", "ignore"],
  });
  onTestFinished(() => void server.kill());
  const awaited = new Map<number, (result: unknown) => void>();
  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}${separator}${body}`);
  };
  const receive = ({ id, method, result }: Message): void => {
    if (id === undefined) return;
    // A question of the server's own about settings, of which there are none.
    if (method === undefined) awaited.get(id)?.(result);
    else send({ id, result: null });
  };
  let unread = Buffer.alloc(0);
  server.stdout.on("data", (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    for (;;) {
      const start = unread.indexOf(separator) + separator.length;
      const length = Number(/Content-Length: (\d+)/.exec(unread.toString("latin1", 0, start))?.[1] ?? Number.NaN);
      if (!(unread.length >= start + length)) return;
      receive(JSON.parse(unread.toString("utf8", start, start + length)) as Message);
      unread = unread.subarray(start + length);
    }
  });
  const ask = async (method: string, params: object): Promise<unknown> =>
    new Promise((answer) => {
      const id = awaited.size + 1;
      awaited.set(id, answer);
      send({ id, method, params });
    });
  const text = readFileSync(join(directory, name), "utf8");
  const uri = pathToFileURL(join(directory, name)).href;
  await ask("initialize", { processId: process.pid, rootUri: pathToFileURL(directory).href, capabilities: {} });
  send({ method: "initialized", params: {} });
  send({
    method: "textDocument/didOpen",
    params: { textDocument: { uri, languageId: "typescript", version: 1, text } },
  });
  return {
    /** What is offered right behind the first occurrence of a text, sorted. */
    offeredBehind: async (before: string): Promise<readonly string[]> => {
      const lines = text.slice(0, text.indexOf(before) + before.length).split("\n");
      const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
      const answer = await ask("textDocument/completion", { textDocument: { uri }, position });
      const { items = [] } = (answer ?? {}) as { readonly items?: readonly { readonly label: string }[] };
      return items.map(({ label }) => label).toSorted();
    },
  };
}
