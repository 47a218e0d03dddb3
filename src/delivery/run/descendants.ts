import { readdirSync, readFileSync } from "node:fs";

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/**
 * The processes below `ancestor` that are in the process group of this process. Those that left it on purpose, such as the
 * jobs of a shell, are left out. Source: proc(5), fields 4 (parent) and 5 (group) of `stat`.
 *
 * @returns pids, nearest first; none on systems without `/proc`
 */
export function descendantsInOurGroup(ancestor: number): readonly number[] {
  const processes = allProcesses();
  const ours = processes.find(({ pid }) => pid === process.pid)?.group;
  const found = [ancestor];
  for (const parent of found) {
    for (const { pid, ...one } of processes) if (one.parent === parent && one.group === ours) found.push(pid);
  }
  return found.slice(1);
}

function allProcesses(): readonly Process[] {
  let names: readonly string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  return names.filter((name) => /^\d+$/.test(name)).flatMap((name) => processNamed(name));
}

function processNamed(name: string): readonly Process[] {
  try {
    const status = readFileSync(`/proc/${name}/stat`, "latin1");
    const [, parent, group] = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return [{ pid: Number(name), parent: Number(parent), group: Number(group) }];
  } catch {
    return [];
  }
}
