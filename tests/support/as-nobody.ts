/** A user id that owns nothing. */
const nobody = 65_534;

/**
 * Runs work as a user whom the system refuses what its permissions refuse: nothing is refused to root. A test that is not
 * run by root is such a user already.
 */
export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const user = process.geteuid?.();
  if (user !== 0) return work();
  process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    process.seteuid?.(user);
  }
}
