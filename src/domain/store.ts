/** The type of one option of a store, and what the configuration's reader must know about it. */
export interface OptionRow {
  readonly type:
    | "string"
    | "boolean"
    | "number"
    | "strings"
    | "file"
    | "store"
    | "stores"
    | "argv"
    | "key"
    | "exit_codes";
  readonly description: string;
  readonly required?: boolean;
  /** Of a string that must be one of a few words: those. */
  readonly words?: readonly string[];
  /** What stands for the option where it is left out: a program, a file, or of a key its file beside the store's. */
  readonly default?: string;
  /** Of a program: the programs that it runs in its turn, by the names it looks for on PATH. */
  readonly alsoRuns?: readonly string[];
  /** Of a file that holds plaintext by design, so that `scan` does not report it. */
  readonly holds?: "plaintext";
  /** Set when the option makes the program run something or send secrets somewhere: it needs `mxm-secrets trust`. */
  readonly needsTrust?: "runs a program" | "sends secrets to an address";
  /** Of a `key`: the environment variables it is read from when the option is not given. They are this program's own then. */
  readonly usualVariables?: readonly string[];
}

/** The options a backend takes, by the name they have in the configuration. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

/** A named authority. `options` are the backend's own, already checked against its option table. */
export interface SecretStore {
  readonly name: string;
  readonly backend: string;
  readonly options: Readonly<Record<string, unknown>>;
}
