import { maximumHeaderBytes } from "./header.js";
import { payloadLength } from "./payload.js";

/** The longest value that is kept in an age file, in bytes. */
export const maximumValueBytes = 16 * 1024 * 1024;

/** The longest file that can hold one: armored, with line ends of two characters, and white space around. */
export const maximumFileBytes =
  Math.ceil(((maximumHeaderBytes + payloadLength(maximumValueBytes)) / 48) * (64 + 2)) + 4096;
