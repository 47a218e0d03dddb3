import { spawnSync } from "node:child_process";
import { findOnPath } from "./places.mjs";

/** Installs Debian packages, all in one call, where this user may; what is then still missing is told by who needs it. */
export function installDebianPackages(names) {
  if (names.length === 0 || process.getuid?.() !== 0 || findOnPath("apt-get").length === 0) return;
  console.error(`installing ${names.join(", ")}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...options) => spawnSync("apt-get", options, { env: environment, stdio: ["ignore", 2, 2] }).status === 0;
  const install = () => apt("install", "-y", "--no-install-recommends", ...names);
  if (!install() && apt("update")) install();
}
