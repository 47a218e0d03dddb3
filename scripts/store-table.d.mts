import type { BackendDefinition } from "../src/backends/contract.js";

/** The text of docs/configuration.md with the table of these kinds of store. */
export function withStoreTable(text: string, definitions: readonly BackendDefinition[]): string;

/** The page of `docs/` about a kind of store, `undefined` when there is none. */
export function pageOf(kind: string): string | undefined;
