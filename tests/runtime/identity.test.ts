import { describe, expect, it } from "vitest";
import { factsOf } from "../../src/domain/identity.js";
import { InvalidInputError } from "../../src/errors.js";
import { attest, verifyByKey } from "../../src/runtime/attest.js";
import { commandIdentity } from "../../src/runtime/identity.js";
import type { IdentityInputs } from "../../src/runtime/identity.js";
import { discoverMachine, discoverSubstrate, provedSubstrate } from "../../src/runtime/substrate.js";
import type { Surroundings } from "../../src/runtime/substrate.js";
import { ageRecipient } from "../support/kinds.js";

const discover = { machine: () => "here", substrate: () => "local-process" };
const identityFrom = (inputs: Partial<IdentityInputs>) =>
  commandIdentity({ flags: {}, environment: {}, configured: {}, discover, ...inputs });

describe("the identity of a command", () => {
  it("takes each field from its flag, then its variable, then the configuration, then what is discovered", () => {
    const { identity, sources } = identityFrom({
      flags: { role: "r1" },
      environment: { MXM_ROLE: "r2", MXM_ENVIRONMENT: "e2", MXM_APP: "" },
      configured: { role: "r3", environment: "e3", app: "a3" },
    });
    expect(identity).toEqual({ role: "r1", environment: "e2", app: "a3", machine: "here", substrate: "local-process" });
    expect(sources).toEqual({
      role: "--role",
      environment: "MXM_ENVIRONMENT",
      app: "identity.app of the configuration",
      machine: "discovered",
      substrate: "discovered",
    });
  });

  it("never guesses role or environment, and says all three ways to give them", () => {
    expect(() => identityFrom({ flags: { app: "x" } })).toThrow(InvalidInputError);
    expect(() => identityFrom({ flags: { app: "x" } })).toThrow(
      expect.objectContaining({
        message: "who asks is not known: no role and no environment",
        hint: expect.stringMatching(/--role.*MXM_ROLE.*identity: \{ role.*--environment/),
      }),
    );
  });

  it.each(["", " ", "a\nb"])("refuses %j as a role", (role) => {
    expect(() => identityFrom({ flags: { role, environment: "dev" } })).toThrow(/^--role: .* is no role$/);
  });
});

const surroundings = (files: Record<string, string>, environment: Record<string, string> = {}): Surroundings => ({
  environment,
  exists: (file) => file in files,
  read: (file) => files[file],
});

describe("discovery", () => {
  it.each([
    ["local-process", {}, {}],
    ["docker-container", { "/.dockerenv": "" }, {}],
    ["podman-container", { "/run/.containerenv": "" }, {}],
    ["kubernetes-pod", { "/.dockerenv": "" }, { KUBERNETES_SERVICE_HOST: "10.0.0.1" }],
    ["lxc-container", {}, { container: "lxc" }],
    ["lxc-container", { "/run/systemd/container": "lxc\n" }, {}],
    ["systemd-nspawn-container", { "/run/host/container-manager": "systemd-nspawn" }, {}],
    ["systemd-service", { "/proc/self/cgroup": "0::/system.slice/loader.service\n" }, {}],
    ["local-process", { "/proc/self/cgroup": "0::/user.slice/user@1000.service\n" }, {}],
    ["local-process", { "/proc/self/cgroup": "0::/user.slice/session-1.scope\n" }, {}],
  ])("finds a %s", (substrate, files, environment) => {
    expect(discoverSubstrate(surroundings(files, environment))).toBe(substrate);
  });

  it.each([
    ["kubernetes-pod", {}, { KUBERNETES_SERVICE_HOST: "10.0.0.1" }],
    ["podman-container", {}, { container: "podman" }],
    ["systemd-nspawn-container", {}, { container: "systemd-nspawn" }],
    ["docker-container", { "/.dockerenv": "" }, { container: "podman" }],
  ])("proves no %s by a variable, nor what the variable contradicts", (_substrate, files, environment) => {
    expect(provedSubstrate(surroundings(files, environment))).toBeUndefined();
  });

  it.each([
    ["local-process", {}, { INVOCATION_ID: "x" }],
    ["docker-container", { "/.dockerenv": "" }, { container: "docker" }],
    ["podman-container", { "/run/.containerenv": "" }, { container: "podman" }],
    ["kubernetes-pod", { "/var/run/secrets/kubernetes.io/serviceaccount": "" }, {}],
    ["systemd-service", { "/proc/self/cgroup": "0::/system.slice/loader.service\n" }, {}],
  ])("proves a %s by files", (substrate, files, environment) => {
    expect(provedSubstrate(surroundings(files, environment))).toBe(substrate);
  });

  it("takes the unqualified host name", () => {
    expect(discoverMachine("Monolith.example.org")).toBe("monolith");
    expect(() => discoverMachine("")).toThrow("this host has no name");
    expect(discoverMachine()).not.toBe("");
  });
});

describe("attestation", () => {
  const identity = { role: "loader", environment: "dev", machine: "here", substrate: "local-process" };
  const here = { machine: "here", substrate: "local-process" };

  it("needs machine and substrate to be those discovered", () => {
    const assurance = (change: object): string => factsOf(attest({ ...identity, ...change }, here)).assurance;
    expect(assurance({})).toBe("attested");
    expect(assurance({ machine: "there" })).toBe("claimed");
    expect(assurance({ substrate: "docker-container" })).toBe("claimed");
    const bare = { role: "a", environment: "b", machine: "here" };
    expect(factsOf(attest(bare, here)).assurance).toBe("claimed");
    expect(factsOf(attest(bare, { machine: "here", substrate: undefined })).assurance).toBe("claimed");
  });

  it("is surpassed by holding the key of a keyholder that may act as the principal", () => {
    const proven = attest(identity, here);
    const keyholders = [{ name: "here", age: ageRecipient, principals: ["loader"], write: false }];
    const assurance = (recipient: string, known: Parameters<typeof verifyByKey>[2]): string =>
      factsOf(verifyByKey(proven, recipient, known)).assurance;
    expect(assurance(ageRecipient, { keyholders })).toBe("verified");
    expect(assurance("age1other", { keyholders })).toBe("attested");
    expect(assurance(ageRecipient, {})).toBe("attested");
    expect(assurance(ageRecipient, { keyholders, principals: [{ principal: "admin", match: {} }] })).toBe("attested");
    expect(assurance(ageRecipient, { keyholders, principals: [] })).toBe("attested");
  });
});
