/** The version of the package; the build puts it in, `development` when run from source. */
export const version: string = process.env["MXM_SECRETS_VERSION"] ?? "development";

/** Tells this build from every other; `undefined` when run from source, which may change. */
export const build: string | undefined = process.env["MXM_SECRETS_BUILD"];
