/** The version of the package; the build puts it in, `development` when run from source. */
export const version: string = process.env["MXM_SECRETS_VERSION"] ?? "development";
