/**
 * The names of your configuration, to be declared by the file that `mxm-secrets types` writes. Empty here, and any text
 * is a name as long as nothing is declared.
 */
// oxlint-disable-next-line typescript/no-empty-object-type, typescript/no-empty-interface -- filled in by declaration merging
export interface SecretNames {}

/** Any text where no names are declared; else these names in both spellings, and `Besides`. */
type TextOf<Declared, Besides> = [Declared] extends [never]
  ? string
  : Declared | Uppercase<Declared & string> | Besides;

/** A name a request may give: `databento_api_key`, or `DATABENTO_API_KEY` for the same. */
export type SecretName = TextOf<keyof SecretNames, never>;

/**
 * What the form without a configuration may be given. With names declared, a text that could be one of them must be;
 * what cannot be a name (`prod/smtp-password`) is a path as before.
 */
export type SecretPath = TextOf<keyof SecretNames, `${string}${"/" | "-" | "." | "#"}${string}`>;
