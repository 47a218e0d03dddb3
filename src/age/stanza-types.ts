/** How a file names the kinds of its recipients (https://c2sp.org/age). */
export const x25519Type = "X25519";
/** A passphrase, which is always alone. */
export const scryptType = "scrypt";
/** The post-quantum hybrid: ML-KEM-768 with X25519. */
export const hybridType = "mlkem768x25519";
