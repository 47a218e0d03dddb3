import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { shortDirectory } from "./gopass.js";
import { findTool } from "./tools.js";

const programs = ["dbus-daemon", "dbus-send", "gnome-keyring-daemon", "secret-tool"].map((name) => findTool(name));
const [dbusDaemon = "", dbusSend = "", keyringDaemon = "", secretTool = ""] = programs;

/** Whether a real Secret Service can be started here; its tests are skipped otherwise. */
export const hasSecretService = programs.every((program) => program !== undefined);

/** A desktop session of its own: a bus, and perhaps a keychain on it, in a home that is thrown away. */
export interface Session {
  readonly home: string;
  /** What a program needs to be part of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs the desktop's own client, `secret-tool`. */
  readonly secretTool: (argv: readonly string[], input?: string | Uint8Array) => Buffer;
  readonly lock: () => void;
}

/** The bus may start no service by itself: what is not there is not there. */
const busConfiguration = (socket: string) => `<busconfig>
  <type>session</type><listen>unix:path=${socket}</listen>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
`;

const lockLogin = [
  "--session",
  "--print-reply",
  "--dest=org.freedesktop.secrets",
  "/org/freedesktop/secrets",
  "org.freedesktop.Secret.Service.Lock",
  "array:objpath:/org/freedesktop/secrets/collection/login",
];

/** A session whose bus has nobody on it. Ended with the test, as all of these. */
export async function startBus(atEnd: (end: () => Promise<void>) => void = onTestFinished): Promise<Session> {
  const home = shortDirectory();
  const runtime = join(home, "run");
  mkdirSync(runtime, { mode: 0o700 });
  const socket = join(runtime, "bus");
  writeFileSync(join(home, "bus.conf"), busConfiguration(socket));
  const environment = {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: home,
    XDG_DATA_HOME: join(home, "data"),
    XDG_CACHE_HOME: join(home, "cache"),
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_RUNTIME_DIR: runtime,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}`,
    LC_ALL: "C",
  };
  const bus = spawn(
    dbusDaemon,
    [`--config-file=${join(home, "bus.conf")}`, "--nofork", "--nopidfile", "--print-address=1"],
    { env: environment, stdio: ["ignore", "pipe", "ignore"] },
  );
  atEnd(async () => {
    await end(bus);
    rmSync(home, { recursive: true, force: true });
  });
  // It says its address when it listens.
  await once(bus.stdout, "data");
  const must = (program: string, argv: readonly string[], input: string | Uint8Array = "") => {
    const done = spawnSync(program, argv, { env: environment, input });
    if (done.status !== 0) throw new Error(`${program} ${argv.join(" ")}: ${done.status} ${done.stderr.toString()}`);
    return done.stdout;
  };
  return {
    home,
    environment,
    secretTool: (argv, input) => must(secretTool, argv, input),
    lock: () => void must(dbusSend, lockLogin),
  };
}

/** A session with a real keychain, unlocked. */
export async function startSecretService(atEnd: (end: () => Promise<void>) => void = onTestFinished): Promise<Session> {
  const session = await startBus(atEnd);
  const daemon = spawn(
    keyringDaemon,
    ["--foreground", "--unlock", "--components=secrets", `--control-directory=${join(session.home, "control")}`],
    { env: session.environment, stdio: ["pipe", "ignore", "ignore"] },
  );
  atEnd(() => end(daemon));
  daemon.stdin.end("the password of the desktop");
  for (let tries = 0; ; tries++) {
    try {
      session.secretTool(["store", "--label=ready", "service", "ready"], "x");
      session.secretTool(["clear", "service", "ready"]);
      return session;
    } catch (error) {
      if (tries > 500 || daemon.exitCode !== null) throw error;
      await wait(20);
    }
  }
}

/** A bus that takes connections and never answers. */
export async function startStuckBus() {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    // Reading is what tells that the other side is gone.
    socket.resume();
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
  });
  onTestFinished(() => void server.close());
  const connected = once(server, "connection");
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    environment: { DBUS_SESSION_BUS_ADDRESS: `tcp:host=127.0.0.1,port=${address.port}` },
    /** Resolves when somebody is connected. */
    waiting: async () => void (await connected),
    /** How many are still connected, when those that are gone had time to be seen. */
    left: async () => {
      for (let tries = 0; open.size > 0 && tries < 200; tries++) await wait(10);
      return open.size;
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
