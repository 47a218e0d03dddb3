import { UnavailableError } from "../errors.js";
import type { HelperAnswer, HelperReply } from "./helper.js";

/**
 * Reads the reply of the program that asks.
 *
 * @param count - of the accounts it was asked for: a missing answer must not pass for an absent value
 * @throws UnavailableError when the text is no such reply
 */
export function parseReply(text: string, count: number): HelperReply {
  const reply = parseJson(text);
  if (!isRecord(reply) || !Array.isArray(reply["answers"])) throw unreadable();
  const answers = reply["answers"].map((answer: unknown) => (isAnswer(answer) ? answer : fail()));
  const failure = reply["failure"];
  if (answers.length !== count && (failure === undefined || answers.length > count)) throw unreadable();
  if (failure === undefined) return { answers };
  if (!isRecord(failure)) throw unreadable();
  const { at, said } = failure;
  if ((at !== "binding" && at !== "keychain") || typeof said !== "string") throw unreadable();
  return { answers, failure: { at, said } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its message would show part of the text, which may hold a value.
    throw unreadable();
  }
}

function isAnswer(answer: unknown): answer is HelperAnswer {
  return typeof answer === "string" || typeof answer === "boolean" || answer === null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fail(): never {
  throw unreadable();
}

function unreadable(): UnavailableError {
  return new UnavailableError("the program that asks the keychain gave no reply that can be read");
}
