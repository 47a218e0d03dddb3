import type { RedactedStream } from "./redactor.js";

/** A stream of the web standard around one stream's state: backpressure and errors are the platform's. */
export function maskStream({ write, end }: RedactedStream): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      const bytes = write(chunk);
      if (bytes.byteLength > 0) controller.enqueue(bytes);
    },
    flush: (controller) => {
      const bytes = end();
      if (bytes.byteLength > 0) controller.enqueue(bytes);
    },
  });
}
