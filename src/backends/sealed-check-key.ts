import { resolve } from "node:path";
import { quote } from "../errors.js";
import { readRegular } from "../files/open-regular.js";
import { inspectPrivate } from "../files/private.js";
import { isTrackedByGit } from "../files/git-index.js";
import { keyChangeMark } from "../sealed/key-change-mark.js";
import { realFile } from "../files/real-file.js";
import type { Finding } from "./contract.js";
import type { SealedLocation } from "./sealed.js";

const maximumBytes = 64 * 1024;

/** What there is to say about a key file beyond whether it opens the store: a change that was interrupted, and old keys. */
export function keyFileFindings({ key, place }: SealedLocation): readonly Finding[] {
  if (key.kind !== "file") return [];
  const file = resolve(place.origin ?? "", key.file);
  const old = `${realFile(file)}.old`;
  const findings: Finding[] = [];
  if (isInterrupted(file)) {
    findings.push({
      severity: "warning",
      message: "a change of the key was interrupted, or is at work: the key file holds the old key and the new one",
      hint: "when none is at work, run the same command again, `mxm-secrets rotate-key` or `mxm-secrets migrate`",
    });
  }
  const fault = inspectPrivate(old);
  if (fault !== undefined) findings.push({ severity: "problem", message: fault.message, hint: fault.hint });
  if (isTrackedByGit(old)) {
    const hint = "run `git rm --cached` on it, add it to .gitignore, and change at their source the values it opened";
    findings.push({ severity: "problem", message: `the old keys in ${quote(old)} are tracked by git`, hint });
  }
  return findings;
}

/** Of a key under a passphrase it is not known. What cannot be read is for the check of the store to name. */
function isInterrupted(file: string): boolean {
  try {
    return readRegular(file, maximumBytes)?.includes(keyChangeMark) === true;
  } catch {
    return false;
  }
}
