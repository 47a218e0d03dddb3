import type { AuditSink } from "../audit/sink.js";
import type { BackendDefinition } from "../backends/contract.js";
import type { Secret } from "../domain/secret.js";

/** What the caller may set besides the configuration data. Everything has a default; none is read from a file. */
export interface SecretsApiOptions {
  /** Backends of your own, made with `defineBackend`; one of the same kind replaces the built-in one. */
  readonly backends?: readonly BackendDefinition[];
  /** Relative files in the configuration are taken from here. Default: the current directory. */
  readonly baseDirectory?: string;
  /** The environment variables the `env` backend reads. Default: `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where pins, high-water marks and audit anchors are kept for this user. Default: `MXM_SECRETS_STATE`, else XDG. */
  readonly stateDirectory?: string;
  /** Milliseconds since the epoch. Default: the clock. */
  readonly now?: () => number;
  /** Takes the access log instead of the file named by `audit:` in the configuration. */
  readonly audit?: AuditSink;
  /** Takes one line for each step of a request, never a value. */
  readonly trace?: (line: string) => void;
  /**
   * Takes one line about a failure the configuration tolerates, such as a lost audit record, or about what a write did
   * besides storing the value. Default: nothing is said.
   */
  readonly warn?: (line: string) => void;
  /** Is told of every secret before it is given out: with {@link createRedactor}, what was delivered is masked from then on. */
  readonly redactor?: { readonly add: (secret: Secret) => void };
  /** Accept plaintext files that others may read. */
  readonly allowInsecurePermissions?: boolean;
  /** Asks a person for the passphrase of a key. Without it, only the environment and the configuration are asked. */
  readonly askPassphrase?: (question: string) => Promise<string | undefined>;
}
