// Every program the real-tool tests use: one row each. The installer, `--check` and the tests' `findTool` derive from it.
//
// `argv` asks a program what it is; `answer` is how the right program answers, its first group the version if it says
// one. `version` is the one that is installed. `only` names the platforms that can have it; without it, every platform.

const go = (module, path, version, details) => ({ ...details, from: "go", module, path, version });
const system = (debianPackage, details) => ({ ...details, from: "system", debianPackage });

const versionFlag = ["--version"];
const ageAnswer = /^v?(\d+\.\d+\.\d+|\(devel\)|\(unknown\))$/m;
const gnupg = (name) => system("gnupg", { name, argv: versionFlag, answer: /\(GnuPG\) (\d\S*)/ });
const dbus = (name) =>
  system("dbus-daemon", { name, only: ["linux"], argv: versionFlag, answer: /(?:Daemon|dbus-run-session) (\d\S*)/ });
const systemd = (name) => system("systemd", { name, only: ["linux"], argv: versionFlag, answer: /^systemd (\d+)/ });
const age = (name) =>
  go("filippo.io/age", `./cmd/${name}`, "1.3.1", {
    name,
    argv: versionFlag,
    answer: ageAnswer,
    // Built from a module it does not know its own version.
    linkerFlags: (version) => `-X main.Version=v${version}`,
  });
const systemAge = (program) =>
  system("age", { name: `system-${program}`, program, argv: versionFlag, answer: ageAnswer });

export const catalogue = [
  gnupg("gpg"),
  gnupg("gpgconf"),
  gnupg("gpg-agent"),
  gnupg("gpg-connect-agent"),
  system("git", { name: "git", argv: versionFlag, answer: /^git version (\d\S*)/ }),
  go("github.com/gopasspw/gopass", ".", "1.16.1", {
    name: "gopass",
    argv: versionFlag,
    answer: /^gopass (\d+\.\d+\.\d+)/,
  }),
  go("github.com/getsops/sops/v3", "./cmd/sops", "3.13.2", {
    name: "sops",
    // Without the option it asks the network for the newest version.
    argv: ["--version", "--disable-version-check"],
    answer: /^sops (\d+\.\d+\.\d+)/,
  }),
  age("age"),
  age("age-keygen"),
  // The older age that people have from their operating system, for interoperation.
  systemAge("age"),
  systemAge("age-keygen"),
  system("pass", { name: "pass", argv: ["version"], answer: /the standard unix password manager[^]*?v(\d\S*)/ }),
  dbus("dbus-daemon"),
  dbus("dbus-run-session"),
  system("dbus-bin", {
    name: "dbus-send",
    only: ["linux"],
    argv: versionFlag,
    answer: /^Usage: \S*dbus-send \[--help\]/,
  }),
  system("gnome-keyring", {
    name: "gnome-keyring-daemon",
    only: ["linux"],
    argv: versionFlag,
    answer: /^gnome-keyring-daemon: (\d\S*)/,
  }),
  system("libsecret-tools", { name: "secret-tool", only: ["linux"], argv: versionFlag, answer: /usage: secret-tool/ }),
  system("keyutils", { name: "keyctl", only: ["linux"], argv: versionFlag, answer: /^keyctl from keyutils-(\d\S*)/ }),
  systemd("systemd-creds"),
  systemd("systemd-analyze"),
  // Packages in a virtual environment of their own, `.tools/python`; no program in `.tools/bin`.
  { name: "python", from: "python", packages: { cryptography: "50.0.2", PyYAML: "6.0.3" } },
];

/** Whether a program can be had on this kind of machine. */
export function canBeHad({ only }) {
  return only === undefined || only.includes(process.platform);
}
