import type { SecretsConfig } from "../domain/config.js";
import type { ProvenIdentity } from "../domain/identity.js";
import { keyVariablesOf } from "../domain/key-source.js";
import type { Action } from "../domain/policy.js";
import type { SecretRef } from "../domain/ref.js";
import { loadBackends } from "../backends/load.js";
import type { AccessRequest } from "../resolution/request.js";
import { partsOf, SecretsAccess } from "../resolution/access.js";
import { attestIdentity } from "../runtime/attest.js";
import type { Runtime } from "../runtime/context.js";
import { commandIdentity } from "../runtime/identity.js";
import type { IdentitySources } from "../runtime/identity.js";
import { requireTrust } from "../runtime/trust.js";
import { identityInputs } from "./own-identity.js";
import type { Arguments } from "./arguments.js";
import { readConfiguration, refuse } from "./configuration.js";
import { canPrompt, say } from "./terminal.js";

/** The configuration a command works with. */
export interface Configuration extends Runtime {
  readonly allowInsecurePermissions: boolean;
  /** Environment variables that hold keys; they never reach a child. */
  readonly ownVariables: readonly string[];
  /** File descriptors that keys come from; they never reach a child. */
  readonly ownDescriptors: readonly number[];
  readonly openApi: (config?: SecretsConfig) => SecretsAccess;
  /** @throws ConfigurationError when the configuration would run a program and was not trusted */
  readonly requireTrust: () => void;
}

/** A configuration, and who asks. */
export interface Session extends Configuration {
  readonly api: SecretsAccess;
  readonly identity: ProvenIdentity;
  readonly identitySources: IdentitySources;
  /** A request of this caller. */
  readonly ask: (secretName: string) => AccessRequest;
  /** @throws AccessDeniedError before anything is prompted for or changed */
  readonly requireAllowed: (secretName: string, action: Action) => Promise<void>;
  /** The same session as if the configuration had these refs, in place of those of the same names. */
  readonly withRef: (...refs: readonly SecretRef[]) => Session;
}

/** @returns `undefined` when there is no configuration file @throws ConfigurationError for a faulty or untrusted one */
export async function openConfiguration(args: Arguments): Promise<Configuration | undefined> {
  const runtime = await readConfiguration(args);
  if (runtime === undefined) return undefined;
  const { config } = runtime;
  const allowInsecurePermissions = args.flag("allow-insecure-permissions");
  const askOnce = rememberAnswers(askPassphrase);
  const profile = args.option("profile");
  const kinds = await loadBackends([...config.stores.values()].map(({ backend }) => backend));
  const options = new Map([...kinds].map(([kind, definition]) => [kind, definition.options]));
  const trusted = (): void => requireTrust({ ...runtime, kinds: options, environment: process.env, profile });
  const openApi = (present = config): SecretsAccess => {
    trusted();
    return new SecretsAccess(partsOf(present), kinds, {
      baseDirectory: runtime.baseDirectory,
      environment: process.env,
      stateDirectory: runtime.stateDirectory,
      allowInsecurePermissions,
      askPassphrase: askOnce,
      warn: (line) => say(`mxm-secrets: ${line}`),
      ...(args.flag("verbose") ? { trace: say } : {}),
    });
  };
  const ownVariables = [...config.stores.values()].flatMap((store) =>
    keyVariablesOf(options.get(store.backend) ?? {}, store.options),
  );
  const ownDescriptors = keyDescriptors(config).filter((descriptor) => typeof descriptor === "number");
  return { ...runtime, allowInsecurePermissions, ownVariables, ownDescriptors, openApi, requireTrust: trusted };
}

/** As {@link openConfiguration}. @throws ConfigurationError when there is none */
export async function requireConfiguration(args: Arguments): Promise<Configuration> {
  return (await openConfiguration(args)) ?? refuse();
}

/** @returns `undefined` when there is no configuration file */
export async function openSession(args: Arguments): Promise<Session | undefined> {
  const configuration = await openConfiguration(args);
  return configuration === undefined ? undefined : startSession(configuration, args);
}

/** @throws ConfigurationError when there is no configuration file */
export async function requireSession(args: Arguments): Promise<Session> {
  return startSession(await requireConfiguration(args), args);
}

async function startSession(configuration: Configuration, args: Arguments): Promise<Session> {
  const { identity: claimed, sources } = commandIdentity(identityInputs(args, configuration));
  const identity = await prove(attestIdentity(claimed), configuration);
  const reason = args.option("reason");
  const over = (current: Configuration): Session => {
    const api = current.openApi(current.config);
    const ask = (secretName: string): AccessRequest => ({ secretName, identity, reason });
    return {
      ...current,
      api,
      identity,
      identitySources: sources,
      ask,
      requireAllowed: async (secretName, action) => api.requireAllowed({ ...ask(secretName), action }),
      withRef: (...refs) => {
        const added = refs.map((ref) => [ref.name, ref] as const);
        const config = { ...current.config, refs: new Map([...current.config.refs, ...added]) };
        return over({ ...current, config });
      },
    };
  };
  return over(configuration);
}

/** Asks for the key only when some policy wants a verified identity. */
export async function prove(identity: ProvenIdentity, configuration: Configuration): Promise<ProvenIdentity> {
  const wanted = [...configuration.config.policies.values()].some((policy) => policy.minAssurance === "verified");
  if (!wanted) return identity;
  const { proveByKey } = await import("./key-proof.js");
  return proveByKey(identity, configuration);
}

/** @returns `undefined` without a terminal */
export async function askPassphrase(question: string): Promise<string | undefined> {
  if (!canPrompt()) return undefined;
  const { askHidden } = await import("./prompt.js");
  return Buffer.from(await askHidden(question)).toString();
}

/** Asks each question once in a command, however many values it reads and writes. */
function rememberAnswers(ask: typeof askPassphrase): typeof askPassphrase {
  const answers = new Map<string, Promise<string | undefined>>();
  return (question) => {
    const answer = answers.get(question) ?? ask(question);
    answers.set(question, answer);
    return answer;
  };
}

/** What the key options of the configuration name as descriptors, at any depth of the option. */
function keyDescriptors(config: SecretsConfig): readonly unknown[] {
  return [...config.stores.values()].flatMap((store) => partsIn(store.options["key"], "fd"));
}

function partsIn(option: unknown, word: string): readonly unknown[] {
  if (typeof option !== "object" || option === null) return [];
  return Object.entries(option).flatMap(([key, value]) => (key === word ? [value] : partsIn(value, word)));
}
