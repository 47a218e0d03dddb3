import { isSecretsError, quote } from "../errors.js";
import type { AnySecretsError } from "../errors.js";
import { gradeOf, memoryFileSystem, permissionFault } from "../file-tree/grade.js";
import type { Grade } from "../file-tree/grade.js";
import { findRoot, locate } from "../file-tree/place.js";
import { tooLong, withFile } from "../file-tree/read.js";
import type { FileTree } from "../file-tree/read.js";
import { refuseOwnFile } from "../files/own-file.js";
import type { PrivateFault } from "../files/private.js";
import type { BackendCall, Finding, Presence, StoreReport } from "./contract.js";
import { findingOf } from "./finding.js";

const maximumNamesShown = 3;

/**
 * Readiness of a directory of secrets, without reading any: whether it is there, of each path whether this user can open
 * its file, and how `systemd-creds list` would grade it.
 */
export function checkFiles(findTree: () => FileTree, paths: readonly string[], call: BackendCall): StoreReport {
  const findings: Finding[] = [];
  const presence = new Map<string, Presence>(paths.map((path) => [path, "unknown"]));
  const insecure: string[] = [];
  try {
    const tree = findTree();
    const root = findRoot(tree.root);
    for (const path of paths) {
      const looked = look(root, path, tree);
      if ("error" in looked) {
        findings.push(findingOf(looked.error));
        if (looked.error.code === "denied") presence.set(path, "unreadable");
        continue;
      }
      const { file } = looked;
      presence.set(path, file === undefined ? "absent" : "present");
      if (file === undefined) continue;
      if (file.fault !== undefined) findings.push(openToOthers(file.fault, tree.allowOpen));
      else if (file.isOpen) insecure.push(path);
      call.trace?.(`${quote(path)} is ${file.grade}, as \`systemd-creds list\` grades`);
    }
  } catch (error) {
    if (!isSecretsError(error)) throw error;
    findings.push(findingOf(error));
  }
  if (insecure.length > 0) findings.push(delivered(insecure));
  return { findings, presence };
}

interface GradedFile {
  readonly grade: Grade;
  /** Why a reader would be refused. */
  readonly fault: PrivateFault | undefined;
  /** Whether its group or others have any access. The owner's own, to write, is graded insecure too, and harms nobody. */
  readonly isOpen: boolean;
}

function look(
  root: string,
  path: string,
  tree: FileTree,
): { readonly file: GradedFile | undefined } | { readonly error: AnySecretsError } {
  try {
    const file = locate(root, path);
    if (file === undefined) return { file };
    refuseOwnFile(file, tree.isOwnFile);
    const graded = withFile(file, (_descriptor, status) => {
      if (status.size > tree.maximumBytes) throw tooLong(file, tree);
      return {
        grade: gradeOf(status.mode, memoryFileSystem(file)),
        fault: permissionFault(file, status),
        isOpen: (status.mode & 0o077) !== 0,
      };
    });
    return { file: graded };
  } catch (error) {
    if (isSecretsError(error)) return { error };
    throw error;
  }
}

function openToOthers({ message, hint }: PrivateFault, isAllowed: boolean): Finding {
  return isAllowed
    ? { severity: "warning", message, hint }
    : { severity: "problem", message, hint, code: "unavailable" };
}

function delivered(paths: readonly string[]): Finding {
  const names = paths.slice(0, maximumNamesShown).map(quote).join(", ");
  const more = paths.length > maximumNamesShown ? ` and ${paths.length - maximumNamesShown} more` : "";
  return {
    severity: "warning",
    message: `open to the group or to others, which \`systemd-creds list\` grades insecure: ${names}${more}`,
    hint: "ask whoever puts them there for mode 0400: `defaultMode: 0400` in Kubernetes, `mode: 0400` in Docker",
  };
}
