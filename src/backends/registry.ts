import { ageBackend } from "./age.js";
import { chainBackend } from "./chain.js";
import { commandBackend } from "./command.js";
import type { BackendDefinition, OptionTable } from "./contract.js";
import { dotenvBackend } from "./dotenv.js";
import { envBackend } from "./env.js";
import { filesBackend } from "./files.js";
import { gopassBackend } from "./gopass.js";
import { keychainBackend } from "./keychain.js";
import { memoryBackend } from "./memory.js";
import { passBackend } from "./pass.js";
import { sealedBackend } from "./sealed.js";
import { sopsBackend } from "./sops.js";

/** Every built-in kind of store. A new backend is one row here; help, schema and checks derive from it. */
export const builtInBackends: readonly BackendDefinition[] = [
  sealedBackend,
  gopassBackend,
  ageBackend,
  passBackend,
  sopsBackend,
  envBackend,
  dotenvBackend,
  keychainBackend,
  filesBackend,
  commandBackend,
  memoryBackend(),
  chainBackend,
];

/** The kinds of store there are, each with its options. */
export function builtInKinds(): ReadonlyMap<string, OptionTable> {
  return new Map(builtInBackends.map((definition) => [definition.kind, definition.options]));
}
