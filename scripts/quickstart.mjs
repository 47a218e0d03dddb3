// The main job, in a scratch directory, with nothing faked: each command is printed before its output.
import { openScratch, requireBuild } from "./scratch.mjs";

requireBuild();
const { demonstrate, remove } = openScratch();

try {
  demonstrate("mxm-secrets init");
  demonstrate("printf %s 'example-databento-key' | mxm-secrets set DATABENTO_API_KEY --stdin");
  demonstrate("printf %s 'example-smtp-password' | mxm-secrets set SMTP_PASSWORD --stdin");
  demonstrate("mxm-secrets list");
  demonstrate("mxm-secrets get DATABENTO_API_KEY");
  demonstrate("mxm-secrets get DATABENTO_API_KEY --role intern", { expect: 3 });
  demonstrate("mxm-secrets explain DATABENTO_API_KEY --role intern");
  demonstrate(
    `mxm-secrets run --only databento_api_key -- sh -c 'echo "key: \${DATABENTO_API_KEY:-none}, password: \${SMTP_PASSWORD:-none}"'`,
  );
  demonstrate(`echo 'key: \${{ secrets.DATABENTO_API_KEY }}' >app.yaml && mxm-secrets render app.yaml --check`);
  demonstrate("mxm-secrets export --format dotenv --all | mxm-secrets redact");
  demonstrate("mxm-secrets scan");
  demonstrate("mxm-secrets check");
  demonstrate("mxm-secrets audit tail --lines 3");
  demonstrate("mxm-secrets audit verify");
  process.stdout.write("done; the scratch directory is removed\n");
} finally {
  remove();
}
