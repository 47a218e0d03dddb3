import type { AuditEvent } from "./record.js";

/** Where audit events go. */
export interface AuditSink {
  /**
   * Resolves when the event is on record.
   *
   * @throws UnavailableError when it cannot be written, IntegrityError when the log was tampered with: the access must
   * not go on
   */
  append(event: AuditEvent): Promise<void>;
}
