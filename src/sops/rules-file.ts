import { closeSync, fstatSync, lstatSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { ConfigurationError, isSecretsError, quote } from "../errors.js";
import { readBounded } from "../files/bounded.js";
import { errnoOf, fileError } from "../files/errno.js";
import { openRegular } from "../files/open-regular.js";
import { shellWord } from "../files/private.js";
import { parseRules } from "./creation-rules.js";
import type { CreationRule } from "./creation-rules.js";

const fileName = ".sops.yaml";
const maximumBytes = 1024 * 1024;
/** As far up as SOPS looks. */
const maximumDepth = 100;

/**
 * The creation rule for a new SOPS file: of the nearest `.sops.yaml` upwards, the first one whose `path_regex` matches.
 *
 * @param file - absolute path of the file to be made
 * @param given - a rules file to use in the place of the nearest one
 * @throws ConfigurationError when there is none, none matches, or it says what cannot be done; when others may have
 *   written it, who would then choose the keys
 */
export async function ruleFor(file: string, given: string | undefined): Promise<CreationRule> {
  const rulesFile = given ?? findRules(file);
  if (rulesFile === undefined) {
    throw new ConfigurationError(`there is no \`${fileName}\` to say whom ${quote(file)} is to be encrypted for`, [], {
      hint: `write one beside it: \`creation_rules: [{ age: age1… }]\`, with the public key that \`age-keygen -y\` prints`,
    });
  }
  const text = readRules(rulesFile, given !== undefined);
  const place = relative(dirname(rulesFile), file).split(sep).join("/");
  // A file outside the folder keeps its whole path, as in SOPS.
  const compared = place.startsWith("../") ? file : place;
  return parseRules(text, rulesFile, compared);
}

function findRules(file: string): string | undefined {
  let directory = dirname(file);
  for (let depth = 0; depth < maximumDepth; depth++) {
    const candidate = join(directory, fileName);
    try {
      if (statSync(candidate, { throwIfNoEntry: false }) !== undefined) return candidate;
    } catch (error) {
      if (errnoOf(error) !== "ENOTDIR") throw fileError("look for", candidate, error);
    }
    const above = resolve(directory, "..");
    if (above === directory) return undefined;
    directory = above;
  }
  return undefined;
}

function readRules(file: string, isGiven: boolean): string {
  const descriptor = openRegular(file);
  if (descriptor === undefined) throw new ConfigurationError(`there is no file ${quote(file)}`);
  try {
    const status = fstatSync(descriptor);
    requireOwn(file, status, isGiven);
    const bytes = readBounded(descriptor, maximumBytes, status.size);
    if (bytes === undefined) throw new ConfigurationError(`${quote(file)} is longer than ${maximumBytes} bytes`);
    return bytes.toString("utf8");
  } catch (error) {
    throw isSecretsError(error) ? error : fileError("read", file, error);
  } finally {
    closeSync(descriptor);
  }
}

/** Whoever can write the rules chooses who can read what is written by them: a file left in `/tmp` must not. */
function requireOwn(file: string, status: Stats, isGiven: boolean): void {
  if (process.platform === "win32") return;
  if ((status.mode & 0o002) !== 0) {
    throw new ConfigurationError(`everybody can write to ${quote(file)}, and choose whom files are encrypted for`, [], {
      hint: `run \`chmod o-w ${shellWord(file)}\``,
    });
  }
  const user = process.geteuid?.();
  const foreign = [status, lstatSync(file), statSync(dirname(file))].find(({ uid }) => uid !== user && uid !== 0);
  if (isGiven || user === undefined || foreign === undefined) return;
  throw new ConfigurationError(`${quote(file)} belongs to another user (uid ${foreign.uid})`, [], {
    hint: "if you trust that user, name the file: `rules` of the store",
  });
}
