import { userInfo } from "node:os";

/** The user's name as an identifier: how a new project calls the holder of its first key. */
export function keyholderName(): string {
  const name = userInfo()
    .username.toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_");
  return /^[a-z]/.test(name) ? name.slice(0, 64) : "owner";
}
