import { quote } from "../errors.js";
import type { Problem } from "../errors.js";
import { nearest } from "../domain/names.js";

/** Parsed data: what YAML and JSON can say. */
export type Data = string | number | boolean | null | readonly Data[] | DataMap;
export interface DataMap {
  readonly [key: string]: Data;
}

export function isDataMap(value: Data | undefined): value is DataMap {
  return typeof value === "object" && value !== null && !isDataList(value);
}

export function isDataList(value: Data | undefined): value is readonly Data[] {
  return Array.isArray(value);
}

/** An empty mapping in which every key, `__proto__` too, is an ordinary one. */
export function emptyMap(): Record<string, Data> {
  return Object.create(null);
}

/** Lays one configuration over another: mappings merge key by key, lists and scalars replace. Neither is changed. */
export function overlay(base: Data, over: Data): Data {
  if (!isDataMap(base) || !isDataMap(over)) return over;
  const merged: Record<string, Data> = Object.assign(emptyMap(), base);
  for (const key of Object.keys(over)) {
    const upper = over[key] ?? null;
    const lower = Object.hasOwn(base, key) ? base[key] : undefined;
    merged[key] = lower === undefined ? upper : overlay(lower, upper);
  }
  return merged;
}

/** Lays a profile over the configuration it is part of. `profiles` itself stays, to be checked. */
export function applyProfile(
  data: Data,
  profile: string | undefined,
): { readonly data: Data; readonly problem?: Problem } {
  if (profile === undefined) return { data };
  const profiles = ownEntry(data, "profiles");
  const chosen = ownEntry(profiles, profile);
  if (chosen === undefined) {
    const suggestion = nearest(profile, isDataMap(profiles) ? Object.keys(profiles) : []);
    const problem = { path: ["profiles"], message: `unknown profile ${quote(profile)}` };
    return { data, problem: suggestion === undefined ? problem : { ...problem, suggestion } };
  }
  return { data: overlay(data, chosen) };
}

function ownEntry(data: Data | undefined, key: string): Data | undefined {
  return isDataMap(data) && Object.hasOwn(data, key) ? data[key] : undefined;
}
