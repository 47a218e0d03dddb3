import { connect } from "node:net";
import type { Socket } from "node:net";
import { CancelledError } from "../errors.js";
import { booleanIn, decodeMessage, encodeCall } from "./dbus-message.js";

/** As long as the package waits for the answer to a call. */
const timeoutMilliseconds = 2000;
const bus = "org.freedesktop.DBus";
/** Secret Service API, draft 0.2: the collection new entries go to. */
const defaultCollection = "/org/freedesktop/secrets/aliases/default";

const hello = encodeCall({
  serial: 1,
  destination: bus,
  path: "/org/freedesktop/DBus",
  interface: bus,
  member: "Hello",
  words: [],
});
const question = encodeCall({
  serial: 2,
  destination: "org.freedesktop.secrets",
  path: defaultCollection,
  interface: "org.freedesktop.DBus.Properties",
  member: "Get",
  words: ["org.freedesktop.Secret.Collection", "Locked"],
});

/**
 * Whether the Secret Service's default collection is locked. Some services show no entries while they are, so that what
 * cannot be seen looks like what is not there.
 *
 * @returns `undefined` when that cannot be told: no such collection, another kind of bus
 * @throws CancelledError when the signal fires
 */
export async function isCollectionLocked(
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal | undefined,
): Promise<boolean | undefined> {
  const path = busSocket(environment);
  const uid = process.getuid?.();
  if (path === undefined || uid === undefined) return undefined;
  const socket = connect({ path });
  try {
    return await new Promise<boolean | undefined>((resolve, reject) => {
      const giveUp = (): void => reject(new CancelledError("cancelled by the caller", { cause: signal?.reason }));
      if (signal?.aborted === true) giveUp();
      signal?.addEventListener("abort", giveUp, { once: true });
      socket.setTimeout(timeoutMilliseconds, () => resolve(undefined));
      socket.on("error", () => resolve(undefined));
      socket.on("close", () => {
        signal?.removeEventListener("abort", giveUp);
        resolve(undefined);
      });
      converse(socket, uid, resolve);
    });
  } finally {
    socket.destroy();
  }
}

/** D-Bus Specification 0.43, "Authentication Protocol", mechanism EXTERNAL; then the two calls. */
function converse(socket: Socket, uid: number, answer: (locked: boolean | undefined) => void): void {
  let received = Buffer.alloc(0);
  let isAuthenticated = false;
  socket.write(`\0AUTH EXTERNAL ${Buffer.from(String(uid)).toString("hex")}\r\n`);
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    if (!isAuthenticated) {
      const end = received.indexOf("\r\n");
      if (end < 0) return;
      if (!received.toString("latin1").startsWith("OK ")) return answer(undefined);
      isAuthenticated = true;
      received = received.subarray(end + 2);
      socket.write(Buffer.concat([Buffer.from("BEGIN\r\n"), hello, question]));
    }
    try {
      for (let message = decodeMessage(received); message !== undefined; message = decodeMessage(received)) {
        if (message.replySerial === 2) return answer(booleanIn(message.body));
        received = received.subarray(message.length);
      }
    } catch {
      answer(undefined);
    }
  });
}

/**
 * The socket of the session's bus.
 *
 * @returns `undefined` when it is none with a path in the file system
 */
function busSocket(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime } = environment;
  if (address === undefined || address === "") return runtime === undefined ? undefined : `${runtime}/bus`;
  const [, path] = /^unix:(?:[^;]*,)?path=([^,;]+)/.exec(address) ?? [];
  const bytes = path?.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return bytes === undefined ? undefined : Buffer.from(bytes, "latin1").toString();
}
