import { once } from "node:events";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { isCollectionLocked } from "../../src/keychain/locked.js";
import { scratchDirectory } from "../support/directory.js";
import { failure } from "../support/keychain-backend.js";
import { hasSecretService, startBus, startSecretService } from "../support/secret-service.js";

/** A bus that answers as it is told to. */
async function pretendBus(onConnection: (socket: Socket) => void) {
  const path = join(scratchDirectory(), "bus");
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    onConnection(socket);
  });
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  server.listen(path);
  await once(server, "listening");
  return { environment: { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` }, server };
}

describe.skipIf(!hasSecretService)("a real Secret Service", () => {
  test("says whether it is locked, wherever its bus is named", async () => {
    const { environment, lock } = await startSecretService();
    const { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR } = environment;
    const ways = [
      { DBUS_SESSION_BUS_ADDRESS: address },
      { DBUS_SESSION_BUS_ADDRESS: `${address},guid=0123;tcp:host=x` },
      { DBUS_SESSION_BUS_ADDRESS: address?.replaceAll("/", "%2f") },
      { XDG_RUNTIME_DIR },
    ];
    for (const way of ways) expect(await isCollectionLocked(way, undefined)).toBe(false);
    lock();
    for (const way of ways) expect(await isCollectionLocked(way, undefined)).toBe(true);
  });

  test("that is not on the bus says nothing", async () => {
    expect(await isCollectionLocked((await startBus()).environment, undefined)).toBeUndefined();
  });
});

describe("a bus that is not as it should be", () => {
  test("tells nothing, and is no error", async () => {
    expect(await isCollectionLocked({}, undefined)).toBeUndefined();
    for (const address of ["unix:path=/nonexistent", "unix:abstract=x", "tcp:host=127.0.0.1,port=1", "nonsense"]) {
      expect(await isCollectionLocked({ DBUS_SESSION_BUS_ADDRESS: address }, undefined)).toBeUndefined();
    }
    const refusing = await pretendBus((socket) => socket.on("data", () => socket.write("REJECTED EXTERNAL\r\n")));
    expect(await isCollectionLocked(refusing.environment, undefined)).toBeUndefined();
    const leaving = await pretendBus((socket) => socket.on("data", () => socket.end()));
    expect(await isCollectionLocked(leaving.environment, undefined)).toBeUndefined();
    const talking = await pretendBus((socket) =>
      socket.once("data", () => socket.write(`OK 0123\r\n${"l not a message of D-Bus".repeat(100)}`)),
    );
    expect(await isCollectionLocked(talking.environment, undefined)).toBeUndefined();
  });

  test("that says nothing is given up", async () => {
    const silent = await pretendBus((socket) => socket.resume());
    expect(await isCollectionLocked(silent.environment, undefined)).toBeUndefined();
  });

  test("is cancelled by the signal", async () => {
    const controller = new AbortController();
    const silent = await pretendBus((socket) => socket.resume());
    const connected = once(silent.server, "connection");
    const asking = failure(isCollectionLocked(silent.environment, controller.signal));
    await connected;
    controller.abort();
    expect((await asking).code).toBe("cancelled");
    expect((await failure(isCollectionLocked(silent.environment, AbortSignal.abort()))).code).toBe("cancelled");
  });
});
