/** What some variables do to a program before it does anything of its own, and those variables; `*` is any text. */
const loaderVariables: readonly (readonly [effect: string, names: string])[] = [
  [
    "decides which libraries a program loads",
    "LD_* DYLD_* GLIBC_TUNABLES GCONV_PATH LOCPATH NLSPATH OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES",
  ],
  [
    "decides which programs are found, and where a user's files are",
    "PATH HOME TMPDIR CDPATH XDG_CONFIG_HOME XDG_CONFIG_DIRS",
  ],
  ["decides what a shell runs", "BASH_ENV BASH_FUNC* ENV ZDOTDIR SHELLOPTS BASHOPTS PS4 PROMPT_COMMAND IFS SHELL"],
  [
    "names a program that others run",
    "EDITOR VISUAL PAGER MANPAGER BROWSER LESSOPEN LESSCLOSE SSH_ASKPASS SUDO_ASKPASS",
  ],
  [
    "decides what git runs",
    `GIT_CONFIG* GIT_SSH GIT_SSH_COMMAND GIT_SSH_VARIANT GIT_ASKPASS GIT_EXEC_PATH GIT_TEMPLATE_DIR GIT_EDITOR
    GIT_SEQUENCE_EDITOR GIT_PAGER GIT_EXTERNAL_DIFF GIT_PROXY_COMMAND GIT_DIR`,
  ],
  ["decides what Node.js loads", "NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NPM_CONFIG_*"],
  [
    "decides what Python loads",
    `PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONINSPECT PYTHONEXECUTABLE PYTHONUSERBASE PYTHONPLATLIBDIR PYTHONBREAKPOINT
    PYTHONWARNINGS`,
  ],
  ["decides what Perl loads", "PERLLIB PERL5LIB PERL5OPT PERL5DB"],
  ["decides what Ruby loads", "RUBYOPT RUBYLIB GEM_HOME GEM_PATH BUNDLE_GEMFILE"],
  ["decides what PHP loads", "PHPRC PHP_INI_SCAN_DIR COMPOSER COMPOSER_HOME COMPOSER_VENDOR_DIR"],
  ["decides what Lua loads", "LUA_INIT* LUA_PATH* LUA_CPATH*"],
  ["decides what Java loads", "JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS CLASSPATH"],
  ["decides what .NET loads", "DOTNET_STARTUP_HOOKS DOTNET_ADDITIONAL_DEPS CORECLR_PROFILER* COR_PROFILER*"],
  [
    "decides what a Rust build runs",
    `RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTC RUSTFLAGS CARGO_*WRAPPER CARGO_*_LINKER CARGO_*_RUNNER`,
  ],
];

interface OpenName {
  readonly start: string;
  readonly end: string;
  readonly effect: string;
}

interface Index {
  /** What a name without `*` does. */
  readonly whole: ReadonlyMap<string, string>;
  /** The names with `*`, by the two letters they all begin with. */
  readonly open: ReadonlyMap<string, readonly OpenName[]>;
}

let allNames: string | undefined;
let indexed: Index | undefined;

/** Why a variable, in whatever case, is never put into an environment, or `undefined` for one that is harmless. */
export function loaderFault(variable: string): string | undefined {
  allNames ??= loaderVariables.map(([, names]) => names).join(" ");
  const upper = variable.toUpperCase();
  // Three letters are the shortest beginning there is; nearly every variable is found harmless by its own.
  if (!allNames.includes(upper.slice(0, 3))) return undefined;
  indexed ??= makeIndex();
  const effect =
    indexed.whole.get(upper) ??
    indexed.open
      .get(upper.slice(0, 2))
      ?.find(({ start, end }) => upper.startsWith(start) && upper.slice(start.length).endsWith(end))?.effect;
  return effect === undefined ? undefined : `\`${variable}\` ${effect}, so it is never put into an environment`;
}

function makeIndex(): Index {
  const whole = new Map<string, string>();
  const open = new Map<string, OpenName[]>();
  for (const [effect, names] of loaderVariables) {
    for (const name of names.split(/\s+/)) {
      whole.set(name, effect);
      const [start = "", end] = name.split("*");
      if (end === undefined) continue;
      const letters = start.slice(0, 2);
      open.set(letters, [...(open.get(letters) ?? []), { start, end, effect }]);
    }
  }
  return { whole, open };
}
