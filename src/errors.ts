/** One row per way a request can end badly: the exit code of the command line, and how grave it is among several. */
export const errorCodes = {
  absent: { exitCode: 1, gravity: 1 },
  configuration: { exitCode: 2, gravity: 2 },
  unknown_name: { exitCode: 2, gravity: 2 },
  invalid_input: { exitCode: 2, gravity: 2 },
  unsupported: { exitCode: 2, gravity: 2 },
  unavailable: { exitCode: 4, gravity: 3 },
  cancelled: { exitCode: 4, gravity: 3 },
  denied: { exitCode: 3, gravity: 4 },
  locked: { exitCode: 5, gravity: 5 },
  integrity: { exitCode: 6, gravity: 6 },
} as const satisfies Record<string, { readonly exitCode: number; readonly gravity: number }>;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorDetails {
  /** What to do next, one line. */
  readonly hint?: string;
  /** Every fault that was found, when there may be several. */
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

/**
 * The base of every error this package throws on purpose. `message` is one line without a period, user input in
 * backticks; `hint` says what to do next. Neither ever holds a secret's value.
 */
export abstract class SecretsError extends Error {
  abstract readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** Every fault found in data or in a file, each with its place; empty when `message` says it all. */
  readonly problems: readonly Problem[];

  constructor(message: string, details: ErrorDetails = {}) {
    super(singleLine(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.problems = details.problems ?? [];
    this.hint = details.hint === undefined ? undefined : singleLine(details.hint);
  }

  /** The exit code of the command line for this error (design: 1 absent … 6 integrity). */
  get exitCode(): number {
    return errorCodes[this.code].exitCode;
  }
}

/** The secret is not in its store. Only operations that need it to be there throw this; `getSecret` returns `undefined`. */
export class AbsentError extends SecretsError {
  override readonly code = "absent";
}

/** One fault in configuration data or in a file. */
export interface Problem {
  /** Keys and indices from the root of the data: `["refs", "databento_api_key", "store"]`. */
  readonly path: readonly (string | number)[];
  /** `expected a string`, `unknown policy …`: without the path, one line. */
  readonly message: string;
  /** The nearest valid word, when there is one. */
  readonly suggestion?: string;
  /** Where in the file, when the data came from one; both from 1. */
  readonly file?: string;
  readonly line?: number;
  /** In UTF-16 units, from 1. */
  readonly column?: number;
}

/** Configuration data is faulty. `problems` holds every fault found, not only the first. */
export class ConfigurationError extends SecretsError {
  override readonly code = "configuration";

  constructor(message: string, problems: readonly Problem[] = [], details: Omit<ErrorDetails, "problems"> = {}) {
    super(message, { ...details, problems });
  }
}

/** A name is not configured. `suggestion` is the nearest configured one, or `undefined`. */
export class UnknownNameError extends SecretsError {
  override readonly code = "unknown_name";
  readonly suggestion: string | undefined;

  constructor(message: string, details: ErrorDetails & { readonly suggestion?: string | undefined } = {}) {
    super(message, details);
    this.suggestion = details.suggestion;
  }
}

/** An argument, name, path, value or file given by the user is not acceptable. */
export class InvalidInputError extends SecretsError {
  override readonly code = "invalid_input";
}

/** The backend cannot do this at all (write to `env`, list a `command`). */
export class UnsupportedError extends SecretsError {
  override readonly code = "unsupported";
}

/** The facts of a refusal that a program may act on. */
export interface DeniedDecision {
  readonly verdict: "deny";
  readonly rule: string;
  readonly reasons: readonly string[];
}

/** The policy refuses. No store was touched. */
export class AccessDeniedError extends SecretsError {
  override readonly code = "denied";
  readonly decision: DeniedDecision | undefined;

  constructor(message: string, details: ErrorDetails & { readonly decision?: DeniedDecision } = {}) {
    super(message, details);
    this.decision = details.decision;
  }
}

/**
 * Why a store cannot answer. A chain skips a member that is `not_installed` or `not_initialised` and stops at
 * `unreachable`.
 */
export type UnavailableReason = "not_installed" | "not_initialised" | "unreachable";

/** The store cannot be asked now. Says nothing about whether the secret exists. */
export class UnavailableError extends SecretsError {
  override readonly code = "unavailable";
  readonly reason: UnavailableReason;

  constructor(message: string, details: ErrorDetails & { readonly reason?: UnavailableReason } = {}) {
    super(message, details);
    this.reason = details.reason ?? "unreachable";
  }
}

/** The store is there and no usable key is: missing key file, not a recipient, wrong passphrase. */
export class LockedError extends SecretsError {
  override readonly code = "locked";
}

/** Stored data was altered, rolled back, moved or damaged. No value was returned. */
export class IntegrityError extends SecretsError {
  override readonly code = "integrity";
}

/** The caller's `AbortSignal` fired. */
export class CancelledError extends SecretsError {
  override readonly code = "cancelled";
}

/** Every error this package throws on purpose; narrows on `code`. */
export type AnySecretsError =
  | AbsentError
  | ConfigurationError
  | UnknownNameError
  | InvalidInputError
  | UnsupportedError
  | AccessDeniedError
  | UnavailableError
  | LockedError
  | IntegrityError
  | CancelledError;

/** Narrows an unknown thrown thing to this package's errors. */
export function isSecretsError(thrown: unknown): thrown is AnySecretsError {
  return thrown instanceof SecretsError;
}

/** The gravest of several errors (6, 5, 3, 4, 2, 1), or `undefined` for none. Ties keep the first. */
export function gravest<E extends SecretsError>(errors: readonly E[]): E | undefined {
  return errors.reduce<E | undefined>(
    (worst, error) =>
      worst === undefined || errorCodes[error.code].gravity > errorCodes[worst.code].gravity ? error : worst,
    undefined,
  );
}

/** Throws {@link CancelledError} when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError("cancelled by the caller", { cause: signal.reason });
}

/** Control characters, line separators and bidirectional overrides made visible, so that no input can forge output. */
export function singleLine(text: string): string {
  // Almost every text; compiling the expression below takes a quick command longer than printing.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** User input for a message: in backticks, control characters visible, cut at 80 characters. */
export function quote(input: string): string {
  const shown = singleLine(input.length > 80 ? `${input.slice(0, 77)}…` : input);
  return `\`${shown}\``;
}
