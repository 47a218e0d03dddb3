/** The words of a name: `accessToken`, `ACCESS_TOKEN`, `access-token` and `access token` are all `access`, `token`. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .map((word) => word.replace(/(?<=\D)\d+$/, ""))
    .filter((word) => word !== "" && !/^\d+$/.test(word));
}

/** A last word that names a secret, also where it is written together with others: `pgpassword`, `clientsecrets`. */
const secretWord =
  /(?:password|passwd|passphrase|passcode|secret|token|credential|cookie|authorization|(?:api|access|private|secret|signing|encryption)key)s?$|^(?:pwd|jwt)s?$/;

/** What stands before `key` when it is a secret one. */
const secretKeys = new Set(["api", "access", "private", "secret", "signing", "encryption", "master"]);

/** What stands before `pass` when it is a password: alone it is a verdict more often. */
const passwordOf = new Set(
  "db database user smtp mail mysql postgres redis mongo admin root ftp http proxy".split(" "),
);

/** A last word behind which the one before it counts: `password_value`, `api_key_base64` (digits are dropped). */
const transparentWords = new Set(["value", "header", "plain", "plaintext", "text", "raw", "base", "string"]);

/** What stands before `tokens` when they are units of text that somebody counts. */
const countedTokens = new Set(
  (
    "accepted all audio cache cached candidates completion context count creation current first generated image input " +
    "last limit max maximum min minimum n new num number of output per prediction prompt read reasoning rejected " +
    "remaining spent stop special text thinking thoughts total unused used"
  ).split(" "),
);

/**
 * Whether a field's name looks as if its value were a secret, in any case style: `token`, `password`, `passwd`, `secret`,
 * `api_key`, `authorization`, `credential`, `private_key`, `cookie`, their plurals, alone or behind other words
 * (`DB_PASSWORD`, `x-api-key`, `set-cookie`, `accessToken`). Not words that only begin so (`tokenizer`, `secretary`), nor
 * what is told about a secret (`token_count`, `password_changed_at`), nor counted tokens (`prompt_tokens`).
 */
export function isSecretFieldName(name: string): boolean {
  const words = wordsOf(name);
  while (words.length > 1 && transparentWords.has(words.at(-1) ?? "")) words.pop();
  const last = words.at(-1) ?? "";
  const before = words.at(-2) ?? "";
  if (last === "tokens") return !countedTokens.has(before);
  if (/^(?:max|min|num|total|prompt|completion|input|output)tokens$/.test(last)) return false;
  if (last === "key" || last === "keys") return secretKeys.has(before);
  if (last === "pass") return passwordOf.has(before);
  return secretWord.test(last);
}

/** A plural that counts as often as it names: a number under it is a count. */
export function mayBeCount(name: string): boolean {
  return /(?:tokens|secrets|passwords|cookies|credentials|keys)$/i.test(name);
}
