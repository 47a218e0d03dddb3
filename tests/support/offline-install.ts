import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;

interface LockEntry {
  readonly version: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface OwnManifest {
  readonly version: string;
  readonly bin: object;
  readonly dependencies: object;
  readonly optionalDependencies: object;
}

/** Runs npm with a home of its own. @returns its standard output */
export function npm(argv: readonly string[], cwd: string, home: string): string {
  const env = { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8", npm_config_update_notifier: "false" };
  return execFileSync("npm", argv, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

/**
 * Packs this package and installs the tarball in `consumer` by `npm ci`, without a network: what it depends on is packed
 * from our own `node_modules`, in the versions of our lock file.
 */
export function installPacked(consumer: string, home: string): void {
  mkdirSync(consumer, { recursive: true });
  const tarball = pack(root, consumer);
  const { packages } = readJson(join(root, "package-lock.json")) as { packages: Record<string, LockEntry> };
  const own = readJson(join(root, "package.json")) as OwnManifest;
  // Of the optional ones for other platforms there is nothing here.
  const needed = Object.entries(packages).filter(
    ([path, { dev }]) => path !== "" && dev !== true && existsSync(join(root, path)),
  );
  const locked = Object.fromEntries(
    needed.map(([path, entry]) => [
      path,
      { ...entry, ...installed(entry), integrity: undefined, resolved: `file:${pack(join(root, path), consumer)}` },
    ]),
  );
  const { version, bin, dependencies, optionalDependencies } = own;
  const manifest = { name: "consumer", version: "1.0.0", dependencies: { "mxm-secrets": `file:${tarball}` } };
  const lock = {
    ...manifest,
    lockfileVersion: 3,
    packages: {
      "": manifest,
      "node_modules/mxm-secrets": { version, bin, dependencies, optionalDependencies, resolved: `file:${tarball}` },
      ...locked,
    },
  };
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ ...manifest, private: true, type: "module" }));
  writeFileSync(join(consumer, "package-lock.json"), JSON.stringify(lock));
  npm(["ci", "--offline", "--no-audit", "--no-fund", "--ignore-scripts"], consumer, home);
}

/** Of what a package may bring along, that which there is for this platform. */
function installed({ optionalDependencies = {} }: LockEntry): Pick<LockEntry, "optionalDependencies"> {
  const here = Object.entries(optionalDependencies).filter(([name]) => existsSync(join(root, "node_modules", name)));
  return here.length === 0 ? {} : { optionalDependencies: Object.fromEntries(here) };
}

/** @returns the name of the tarball in `into` */
function pack(directory: string, into: string): string {
  const before = new Set(readdirSync(into));
  const place = join(into, "packing");
  mkdirSync(place, { recursive: true });
  npm(["pack", "--ignore-scripts", "--pack-destination", place], directory, into);
  const [made = ""] = readdirSync(place);
  const name = before.has(made) ? `again-${made}` : made;
  cpSync(join(place, made), join(into, name));
  execFileSync("rm", ["-r", place]);
  return name;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}
