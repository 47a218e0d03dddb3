import { IntegrityError, quote, SecretsError, UnavailableError } from "../errors.js";
import type { Grant } from "../domain/grant.js";
import type { BackendCall, OpenedStore } from "./contract.js";

/**
 * Reads several values of one store, in the order asked; `undefined` where the store has none. Whatever a backend
 * throws or returns, what leaves here is a value, an absence, or one of this package's errors.
 */
export async function readAll(
  store: OpenedStore,
  grants: readonly Grant[],
  call: BackendCall,
): Promise<readonly (Uint8Array | undefined)[]> {
  return guard(store, async () => {
    const { backend } = store;
    const values =
      backend.readMany === undefined
        ? await readOneByOne(grants, (grant) => backend.read(grant, call))
        : await backend.readMany(grants, call);
    if (values.length !== grants.length) {
      throw new IntegrityError(`store ${quote(store.name)} answered ${values.length} of ${grants.length} requests`);
    }
    values.forEach((value) => requireBytes(store, value));
    return values;
  });
}

/** The same call for a store or a member of one: what it says about its work stands behind its name. */
export function callWithin<C extends BackendCall>(store: string, call: C): C {
  const { trace } = call;
  return trace === undefined ? call : { ...call, trace: (line: string) => trace(`${store} → ${line}`) };
}

/** Runs one call of a backend; an error that is not ours is replaced, because its text may hold a value. */
export async function guard<T>(store: OpenedStore, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof SecretsError) throw thrown;
    throw new UnavailableError(`store ${quote(store.name)} failed unexpectedly (${kindOf(thrown)})`, {
      cause: withoutMessage(thrown),
      hint: `this is a fault of the ${quote(store.definition.kind)} backend; its message is withheld because it might hold a value`,
    });
  }
}

async function readOneByOne(
  grants: readonly Grant[],
  read: (grant: Grant) => Promise<Uint8Array | undefined>,
): Promise<readonly (Uint8Array | undefined)[]> {
  const values: (Uint8Array | undefined)[] = [];
  for (const grant of grants) values.push(await read(grant));
  return values;
}

function requireBytes(store: OpenedStore, value: unknown): void {
  if (value === undefined || value instanceof Uint8Array) return;
  throw new UnavailableError(
    `the ${quote(store.definition.kind)} backend returned ${value === null ? "null" : `a ${typeof value}`}, expected bytes or undefined`,
  );
}

function kindOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown;
  const code = "code" in thrown && typeof thrown.code === "string" ? `, ${thrown.code}` : "";
  return `${thrown.name}${code}`;
}

/** Where it happened, without what it said. */
function withoutMessage(thrown: unknown): Error | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const located = new Error("message withheld");
  located.name = thrown.name;
  const frames = (thrown.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  located.stack = [`${thrown.name}: message withheld`, ...frames].join("\n");
  return located;
}
