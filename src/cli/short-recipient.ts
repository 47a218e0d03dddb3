/** A recipient as a person compares it: post-quantum ones are two thousand characters long. `--json` has them whole. */
export function shortRecipient(recipient: string): string {
  return recipient.length <= 80 ? recipient : `${recipient.slice(0, 40)}…`;
}
