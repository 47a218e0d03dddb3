import { expect, test } from "vitest";
import { shownPath } from "../../src/scan/shown-path.js";

test("text is shown as it is, other bytes by their numbers", () => {
  expect(shownPath(Buffer.from("a/ü b"))).toBe("a/ü b");
  expect(shownPath(Buffer.from([0x61, 0xfc, 0x2f, 0xff]))).toBe("a\\xfc/\\xff");
});
