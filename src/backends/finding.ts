import type { AnySecretsError } from "../errors.js";
import type { Finding } from "./contract.js";

const codes = ["absent", "configuration", "unavailable", "locked", "integrity"] as const;

/** An error that a reader would get, as `check` reports it. */
export function findingOf(error: AnySecretsError): Finding {
  const code = codes.find((known) => known === error.code);
  return {
    severity: "problem",
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(code === undefined ? {} : { code }),
    ...(error.code === "unavailable" ? { unavailable: error.reason } : {}),
  };
}

/** For whoever has nothing to decrypt with. */
export const noSecretKey: Finding = {
  severity: "problem",
  code: "locked",
  message: "gpg holds no secret key for this user",
  hint: "make one with `gpg --full-generate-key` and have it added to the store's recipients, or import it",
};
