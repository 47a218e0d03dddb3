import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";
import { ConfigurationError, quote } from "../errors.js";
import { errnoInWords, errnoOf } from "../files/errno.js";
import { requireOwnConfig } from "./find-config.js";
import type { ConfigLocation } from "./find-config.js";

const maximumBytes = 16 * 1024 * 1024;

/** A configuration file as it is on the disk. */
export interface ConfigFile {
  readonly file: string;
  readonly bytes: Buffer;
  /** The user id the file belongs to. */
  readonly owner: number;
}

/**
 * Reads the bytes of a configuration file of at most 16 MiB, after examining its owner and permissions.
 *
 * @returns `undefined` when there is no such file
 * @throws ConfigurationError when it cannot be read, is no regular file, is too long or may be somebody else's
 */
export function readConfigFile(location: ConfigLocation): ConfigFile | undefined {
  const { file } = location;
  let descriptor: number;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    // A link that leads nowhere is no file that was never made: what it stood for would silently not apply.
    if (errnoOf(cause) === "ENOENT" && lstatSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
    throw new ConfigurationError(`cannot read the configuration ${quote(file)}: ${errnoInWords(cause)}`, [], { cause });
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new ConfigurationError(`the configuration ${quote(file)} is not a regular file`);
    if (status.size > maximumBytes) {
      throw new ConfigurationError(`the configuration ${quote(file)} is longer than ${maximumBytes} bytes`);
    }
    requireOwnConfig(location, status);
    return { file, bytes: readFileSync(descriptor), owner: status.uid };
  } finally {
    closeSync(descriptor);
  }
}

/** The file beside a configuration that overrides it: `mxm-secrets.yaml` → `mxm-secrets.local.yaml`. */
export function localFileOf(file: string): string {
  const end = Math.max(0, file.lastIndexOf("."));
  const isKnown = [".yaml", ".yml", ".json"].includes(file.slice(end).toLowerCase());
  return isKnown ? `${file.slice(0, end)}.local${file.slice(end)}` : `${file}.local`;
}
