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
  /** What the system itself says: files that no caller of this process can put there. */
  readonly isHere: (here: Pick<Surroundings, "exists" | "read">) => boolean;
  /** What the environment says, which whoever starts this process may choose. */
  readonly isSuggested?: (environment: Surroundings["environment"]) => boolean;
}

/** The substrates there are, in the order they are looked for: what is inside comes before what it is inside of. */
const substrates: readonly Substrate[] = [
  {
    name: "kubernetes-pod",
    isHere: ({ exists }) => exists("/var/run/secrets/kubernetes.io/serviceaccount"),
    isSuggested: (environment) => environment["KUBERNETES_SERVICE_HOST"] !== undefined,
  },
  { name: "podman-container", ...container("podman"), isHere: ({ exists }) => exists("/run/.containerenv") },
  { name: "docker-container", isHere: ({ exists }) => exists("/.dockerenv") },
  { name: "systemd-nspawn-container", ...container("systemd-nspawn") },
  { name: "lxc-container", ...container("lxc") },
  { name: "systemd-service", isHere: isService },
];

/**
 * What this process runs in, judged by well-known files and variables: `kubernetes-pod`, `docker-container`,
 * `systemd-service`, …, or `local-process` when none fits. Runs nothing.
 */
export function discoverSubstrate(here: Surroundings = thisProcess()): string {
  return nameOf(({ isHere, isSuggested }) => isHere(here) || isSuggested?.(here.environment) === true);
}

/**
 * What this process runs in as far as that is proved: by files alone, and when no variable says otherwise.
 *
 * @returns `undefined` when they differ
 */
export function provedSubstrate(here: Surroundings = thisProcess()): string | undefined {
  const proved = nameOf(({ isHere }) => isHere(here));
  return discoverSubstrate(here) === proved ? proved : undefined;
}

function nameOf(isIt: (substrate: Substrate) => boolean): string {
  return substrates.find(isIt)?.name ?? "local-process";
}

/** Managers name themselves to what they run: systemd's Container Interface. */
function container(manager: string): Required<Pick<Substrate, "isHere" | "isSuggested">> {
  return {
    isHere: ({ read }) =>
      ["/run/host/container-manager", "/run/systemd/container"].some((file) => read(file)?.trim() === manager),
    isSuggested: (environment) => environment["container"] === manager,
  };
}

/** The unqualified host name, in lower case. @throws UnavailableError when the host has none */
export function discoverMachine(hostName: string = nameOfHost()): string {
  const [machine = ""] = hostName.toLowerCase().split(".", 1);
  if (machine !== "") return machine;
  throw new UnavailableError("this host has no name", { hint: "give --machine or set MXM_MACHINE" });
}

/** From the kernel where it says so: to load `node:os` takes a quick command longer than to read a few secrets. */
function nameOfHost(): string {
  try {
    return readFileSync("/proc/sys/kernel/hostname", "utf8").trim();
  } catch {
    return process.getBuiltinModule("node:os").hostname();
  }
}

/** Only a service sits in a `.service` group; the service manager of a user is one that holds every session of theirs. */
function isService({ read }: Pick<Surroundings, "read">): boolean {
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
