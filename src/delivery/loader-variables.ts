/** What some variables do to a program before it does anything of its own, and those variables. */
const loaderVariables: readonly (readonly [effect: string, names: RegExp])[] = [
  [
    "decides which libraries a program loads",
    /^((LD|DYLD)_.*|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|NLSPATH|OPENSSL_(CONF|MODULES|ENGINES))$/,
  ],
  [
    "decides which programs are found, and where a user's files are",
    /^(PATH|HOME|TMPDIR|CDPATH|XDG_CONFIG_(HOME|DIRS))$/,
  ],
  ["decides what a shell runs", /^(BASH_ENV|BASH_FUNC.*|ENV|ZDOTDIR|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|IFS|SHELL)$/],
  [
    "names a program that others run",
    /^(EDITOR|VISUAL|PAGER|MANPAGER|BROWSER|LESSOPEN|LESSCLOSE|SSH_ASKPASS|SUDO_ASKPASS)$/,
  ],
  [
    "decides what git runs",
    /^GIT_(CONFIG.*|SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|EXEC_PATH|TEMPLATE_DIR|EDITOR|SEQUENCE_EDITOR|PAGER|EXTERNAL_DIFF|PROXY_COMMAND|DIR)$/,
  ],
  ["decides what Node.js loads", /^(NODE_(OPTIONS|PATH|EXTRA_CA_CERTS)|NPM_CONFIG_.*)$/],
  [
    "decides what Python loads",
    /^PYTHON(PATH|HOME|STARTUP|INSPECT|EXECUTABLE|USERBASE|PLATLIBDIR|BREAKPOINT|WARNINGS)$/,
  ],
  ["decides what Perl loads", /^PERL(LIB|5LIB|5OPT|5DB)$/],
  ["decides what Ruby loads", /^(RUBY(OPT|LIB)|GEM_(HOME|PATH)|BUNDLE_GEMFILE)$/],
  ["decides what PHP loads", /^(PHPRC|PHP_INI_SCAN_DIR|COMPOSER(_HOME|_VENDOR_DIR)?)$/],
  ["decides what Lua loads", /^LUA_(INIT|PATH|CPATH).*$/],
  ["decides what Java loads", /^((JAVA_TOOL|_JAVA|JDK_JAVA)_OPTIONS|CLASSPATH)$/],
  ["decides what .NET loads", /^(DOTNET_(STARTUP_HOOKS|ADDITIONAL_DEPS)|(CORECLR|COR)_PROFILER.*)$/],
  [
    "decides what a Rust build runs",
    /^(RUSTC(_WORKSPACE)?_WRAPPER|RUSTC|RUSTFLAGS|CARGO_.*WRAPPER|CARGO_.*_(LINKER|RUNNER))$/,
  ],
];

/** All of them at once: of many names nearly every one is harmless. */
let anyLoaderVariable: RegExp | undefined;

/** Why a variable, in whatever case, is never put into an environment, or `undefined` for one that is harmless. */
export function loaderFault(variable: string): string | undefined {
  const upper = variable.toUpperCase();
  anyLoaderVariable ??= new RegExp(loaderVariables.map(([, names]) => names.source).join("|"));
  if (!anyLoaderVariable.test(upper)) return undefined;
  const row = loaderVariables.find(([, names]) => names.test(upper));
  return row === undefined ? undefined : `\`${variable}\` ${row[0]}, so it is never put into an environment`;
}
