import { dockerFormat } from "./docker.js";
import { dotenvFormat } from "./dotenv.js";
import type { ExportFormat } from "./format.js";
import { jsonFormat } from "./json.js";
import { kubernetesFormat } from "./kubernetes.js";
import { shellFormat } from "./shell.js";
import { systemdFormat } from "./systemd.js";
import { yamlFormat } from "./yaml.js";

/** Every format of one file. */
export const exportFormats: readonly ExportFormat[] = [
  dotenvFormat,
  jsonFormat,
  yamlFormat,
  shellFormat,
  dockerFormat,
  kubernetesFormat,
  systemdFormat,
];
