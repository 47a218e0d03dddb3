// The same on a real gopass store: two machines with a GPG key each, and a folder that only one of them can open.
// Needs gopass 1.16, gpg and git on PATH or in .tools/bin (`node scripts/install-tools.mjs`).
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openScratch, requireBuild } from "./scratch.mjs";

requireBuild();
// The socket of a GPG agent lies under its home, and its name may have no more than 107 bytes.
const { directory, project, demonstrate, remove } = openScratch({ GOPASS_NO_REMINDER: "true" }, "/tmp");

const machine = (name) => ({
  env: { HOME: join(directory, name), GNUPGHOME: join(directory, name, "gpg"), MXM_ROLE: name },
});
const [bridge, loader] = ["bridge", "loader"].map(machine);

const configuration = `version: 1
stores:
  red: { backend: gopass }
refs:
  databento_api_key: { store: red, path: marketdata/databento/api_key, policy: marketdata_access }
  broker_password: { store: red, path: execution/broker/password, policy: execution_access }
policies:
  marketdata_access: { allowed_principals: [loader, bridge], environments: [prod] }
  execution_access: { allowed_principals: [bridge, loader], environments: [prod] }
identity: { environment: prod }
`;

const makeKey = (name) => `mkdir -p -m 700 "$GNUPGHOME" &&
  gpg --batch --quiet --passphrase '' --quick-generate-key '${name} <${name}@machines.test>' ed25519 default never 2>&1 &&
  key=$(gpg --with-colons --list-secret-keys | awk -F: '$1=="fpr"{print $10; exit}') &&
  gpg --batch --quiet --passphrase '' --quick-add-key "$key" cv25519 encr never &&
  gpg --armor --export "$key" >../${name}.asc && echo "$key" >../${name}.fpr &&
  git config --global user.name ${name} && git config --global user.email ${name}@machines.test`;
const trustBoth = `gpg --batch --quiet --import ../bridge.asc ../loader.asc 2>&1 &&
  sed 's/$/:6:/' ../bridge.fpr ../loader.fpr | gpg --batch --quiet --import-ownertrust 2>&1`;

try {
  process.stdout.write("# Two machines, each with a GPG key of its own.\n");
  demonstrate(makeKey("bridge"), bridge);
  demonstrate(makeKey("loader"), loader);
  demonstrate(trustBoth, bridge);
  demonstrate(trustBoth, loader);

  process.stdout.write("# The team's store: both open marketdata/, only the bridge opens execution/.\n");
  demonstrate(
    "git init --quiet --initial-branch=main ../bridge/store && gopass config mounts.path ../bridge/store",
    bridge,
  );
  demonstrate("cat ../bridge.fpr ../loader.fpr >../bridge/store/.gpg-id", bridge);
  demonstrate("mkdir ../bridge/store/execution && cat ../bridge.fpr >../bridge/store/execution/.gpg-id", bridge);
  demonstrate("git -C ../bridge/store add -A && git -C ../bridge/store commit --quiet -m recipients", bridge);
  demonstrate("printf %s example-databento-key | gopass insert -f marketdata/databento/api_key", bridge);
  demonstrate("printf %s example-broker-password | gopass insert -f execution/broker/password", bridge);
  demonstrate("git clone --quiet ../bridge/store ../loader/store && gopass config mounts.path ../loader/store", loader);

  process.stdout.write("# What is configured: the policy allows the loader both, the keys do not.\n");
  writeFileSync(join(project, "mxm-secrets.yaml"), configuration);
  demonstrate("cat mxm-secrets.yaml", bridge);

  process.stdout.write("# The bridge reads both.\n");
  demonstrate("mxm-secrets get databento_api_key", bridge);
  demonstrate("mxm-secrets get broker_password", bridge);

  process.stdout.write("# The loader reads one; for the other it has no key, which is not the same as absent.\n");
  demonstrate("mxm-secrets get databento_api_key", loader);
  demonstrate("mxm-secrets get broker_password --default none", { ...loader, expect: 5 });

  process.stdout.write("# Somebody the policy does not name is refused before gopass is run.\n");
  demonstrate("mxm-secrets get databento_api_key --role intern", { ...bridge, expect: 3 });
  demonstrate("mxm-secrets explain databento_api_key --role intern", bridge);

  process.stdout.write("# Readiness, on each machine.\n");
  demonstrate("mxm-secrets check", bridge);
  demonstrate("mxm-secrets check", { ...loader, expect: 7 });
  process.stdout.write("done; the scratch directory is removed\n");
} finally {
  for (const one of [bridge, loader]) demonstrate("gpgconf --kill all", one);
  remove();
}
