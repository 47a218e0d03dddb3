import { forms, compareText } from "./grammar.js";
import { nextLine, peekLine, readFields, refuseLine } from "./lines.js";
import type { LineCursor } from "./lines.js";
import { magic } from "./records.js";
import type { CompartmentRecord, RecipientRecord, SealedHead, WriterEvent } from "./records.js";

/**
 * Reads everything before the secrets and leaves the cursor there.
 *
 * @throws IntegrityError naming the line that is not what the format allows there
 */
export function parseHead(cursor: LineCursor): SealedHead {
  if (peekLine(cursor) !== magic) refuseLine(cursor.number, `expected \`${magic}\``);
  nextLine(cursor);
  const [storeId] = single(cursor, "store", [forms.storeId]);
  const [generation] = single(cursor, "generation", [forms.number]);
  const writers = section(cursor, "writer", parseWriter);
  if (writers.length === 0) refuseLine(cursor.number, "expected a `writer` line");
  const compartments = section(cursor, "compartment", parseCompartment);
  requireOrder(compartments, (record) => record.policy, cursor.number - compartments.length);
  const recipients = section(cursor, "recipient", parseRecipient);
  const firstRecipient = cursor.number - recipients.length;
  requireOrder(recipients, (record) => `${record.policy} ${record.recipient}`, firstRecipient);
  requireMatch(compartments, recipients, firstRecipient);
  return { storeId, generation: Number(generation), writers, compartments, recipients };
}

/** The lines of a head, each with its line feed. */
export function marshalHead(head: SealedHead): string {
  const lines = [magic, `store ${head.storeId}`, `generation ${head.generation}`, ...head.writers.map(writerLine)];
  for (const { policy, epoch } of head.compartments) lines.push(`compartment ${policy} ${epoch}`);
  for (const { policy, name, recipient, wrapped } of head.recipients) {
    lines.push(`recipient ${policy} ${name} ${recipient} ${wrapped}`);
  }
  return `${lines.join("\n")}\n`;
}

/** A writer event as its line, without the line feed: also what the log's hash is taken over. */
export function writerLine(event: WriterEvent): string {
  return `writer ${event.seq} ${event.action} ${event.key} ${event.name} ${event.by} ${event.signature}`;
}

function single<const F extends Parameters<typeof readFields>[3]>(
  cursor: LineCursor,
  keyword: string,
  fieldForms: F,
): { readonly [K in keyof F]: string } {
  const fields = readFields(peekLine(cursor) ?? "", cursor.number, keyword, fieldForms);
  nextLine(cursor);
  return fields;
}

function section<R>(
  cursor: LineCursor,
  keyword: string,
  parse: (line: string, number: number, index: number) => R,
): R[] {
  const records: R[] = [];
  for (let line = peekLine(cursor); line?.startsWith(`${keyword} `) === true; line = peekLine(cursor)) {
    records.push(parse(line, cursor.number, records.length));
    nextLine(cursor);
  }
  return records;
}

function parseWriter(line: string, number: number, index: number): WriterEvent {
  const { number: sequence, writerAction, publicKey, name, signature: signatureForm } = forms;
  const fields = readFields(line, number, "writer", [
    sequence,
    writerAction,
    publicKey,
    name,
    publicKey,
    signatureForm,
  ]);
  const [seq, action, key, writer, by, signature] = fields;
  if (Number(seq) !== index) refuseLine(number, `expected writer event ${index}`);
  return { seq: index, action: action === "add" ? "add" : "remove", key, name: writer, by, signature };
}

function parseCompartment(line: string, number: number): CompartmentRecord {
  const [policy, epoch] = readFields(line, number, "compartment", [forms.policy, forms.counter]);
  return { policy, epoch: Number(epoch) };
}

function parseRecipient(line: string, number: number): RecipientRecord {
  const fields = readFields(line, number, "recipient", [forms.policy, forms.name, forms.recipient, forms.base64]);
  const [policy, name, recipient, wrapped] = fields;
  return { policy, name, recipient, wrapped };
}

/** @throws IntegrityError naming the first line that does not come after the one before it */
function requireOrder<R>(records: readonly R[], key: (record: R) => string, firstLine: number): void {
  records.forEach((record, index) => {
    const before = records[index - 1];
    if (before === undefined) return;
    const order = compareText(key(before), key(record));
    if (order === 0) refuseLine(firstLine + index, "repeats the line before it");
    if (order > 0) refuseLine(firstLine + index, "expected lines in sorted order");
  });
}

function requireMatch(
  compartments: readonly CompartmentRecord[],
  recipients: readonly RecipientRecord[],
  firstRecipient: number,
): void {
  const policies = new Set(compartments.map((compartment) => compartment.policy));
  recipients.forEach((record, index) => {
    if (!policies.has(record.policy)) refuseLine(firstRecipient + index, "expected a compartment with this policy");
  });
  const reached = new Set(recipients.map((record) => record.policy));
  compartments.forEach((compartment, index) => {
    if (!reached.has(compartment.policy)) {
      refuseLine(firstRecipient - compartments.length + index, "expected a recipient of this compartment");
    }
  });
}
