import { existsSync, readFileSync } from "node:fs";
import { UnavailableError } from "../errors.js";

/** What a process can see of what it runs in. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly exists: (file: string) => boolean;
  /** The text of a small file, or `undefined` when it cannot be read. */
  readonly read: (file: string) => string | undefined;
}

interface Substrate {
  readonly name: string;
  readonly isHere: (here: Surroundings) => boolean;
}

/** The substrates there are, in the order they are looked for: what is inside comes before what it is inside of. */
const substrates: readonly Substrate[] = [
  {
    name: "kubernetes-pod",
    isHere: ({ environment, exists }) =>
      exists("/var/run/secrets/kubernetes.io/serviceaccount") || environment["KUBERNETES_SERVICE_HOST"] !== undefined,
  },
  {
    name: "podman-container",
    isHere: ({ environment, exists }) => exists("/run/.containerenv") || environment["container"] === "podman",
  },
  { name: "docker-container", isHere: ({ exists }) => exists("/.dockerenv") },
  { name: "systemd-nspawn-container", isHere: ({ environment }) => environment["container"] === "systemd-nspawn" },
  { name: "lxc-container", isHere: ({ environment }) => environment["container"] === "lxc" },
  { name: "systemd-service", isHere: isService },
];

/**
 * What this process runs in, judged by well-known files and variables: `kubernetes-pod`, `docker-container`,
 * `systemd-service`, …, or `local-process` when none fits. Runs nothing.
 */
export function discoverSubstrate(here: Surroundings = thisProcess()): string {
  return substrates.find((substrate) => substrate.isHere(here))?.name ?? "local-process";
}

/** The unqualified host name, in lower case. @throws UnavailableError when the host has none */
export function discoverMachine(hostName: string = process.getBuiltinModule("node:os").hostname()): string {
  const [machine = ""] = hostName.toLowerCase().split(".", 1);
  if (machine !== "") return machine;
  throw new UnavailableError("this host has no name", { hint: "give --machine or set MXM_MACHINE" });
}

/** A service has an invocation id, as every child of a login session may too; only a service sits in a `.service` group. */
function isService({ environment, read }: Surroundings): boolean {
  if (environment["INVOCATION_ID"] === undefined) return false;
  const group = /^0::(.*)$/m.exec(read("/proc/self/cgroup") ?? "")?.[1] ?? "";
  return group.endsWith(".service") && !/\/user@\d+\.service$/.test(group);
}

function thisProcess(): Surroundings {
  return {
    environment: process.env,
    exists: (file) => existsSync(file),
    read: (file) => (existsSync(file) ? readFileSync(file, "utf8") : undefined),
  };
}
