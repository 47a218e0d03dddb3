// In one process: authorize and decrypt on read, against a bare AES-256-GCM decipher of the same bytes.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";
import { SecretsApi } from "../dist/lib/index.js";
import { makeProject, nameOf } from "./projects.mjs";
import { median, reportRatio } from "./measure.mjs";

const count = 5_000;
const rounds = Number(process.argv[2] ?? 9);
const project = await makeProject({ secrets: count, refs: count });
try {
  const api = SecretsApi.fromConfigData(project.data, {
    baseDirectory: project.directory,
    stateDirectory: project.stateDirectory,
    environment: {},
  });
  const identity = { role: "developer", environment: "dev", machine: "bench" };
  const requests = Array.from({ length: count }, (_, index) => ({ secretName: nameOf(index), identity }));

  const key = createSecretKey(randomBytes(32));
  const sealed = Array.from({ length: count }, (_, index) =>
    seal(key, Buffer.from(`value of secret number ${index}, thirty-two bytes or so`)),
  );

  const bareRates = [];
  const readRates = [];
  for (let round = 0; round <= rounds; round++) {
    const bare = await rate(async () => sealed.map((one) => open(key, one)));
    const read = await rate(() => api.openSecrets(requests));
    if (round > 0) bareRates.push(bare);
    if (round > 0) readRates.push(read);
  }
  const ratios = readRates.map((read, index) => read / bareRates[index]);
  process.stdout.write(
    `bare decipher: ${Math.round(median(bareRates))}/s, read: ${Math.round(median(readRates))}/s, node ${process.version}\n`,
  );
  const holds = reportRatio("authorize and decrypt / bare decipher", median(ratios), {
    aim: 0.6,
    limit: 0.4,
    atLeast: true,
  });
  process.exitCode = holds ? 0 : 1;
} finally {
  project.remove();
}

async function rate(work) {
  const start = performance.now();
  const { length } = await work();
  return length / ((performance.now() - start) / 1e3);
}

function seal(withKey, value) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", withKey, nonce);
  cipher.setAAD(nonce);
  return { nonce, bytes: Buffer.concat([cipher.update(value), cipher.final()]), tag: cipher.getAuthTag() };
}

function open(withKey, { nonce, bytes, tag }) {
  const decipher = createDecipheriv("aes-256-gcm", withKey, nonce);
  decipher.setAAD(nonce);
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}
