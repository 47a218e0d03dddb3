import { expect, test } from "vitest";
import { alignedTable, markdownTable } from "../../src/delivery/table.js";

test("columns are aligned, and no line ends in spaces", () => {
  expect(
    alignedTable([
      ["NAME", "OWNER", "HOW"],
      ["a_long_name", "me", ""],
      ["b", "somebody", "restart"],
    ]),
  ).toEqual(["NAME         OWNER     HOW", "a_long_name  me", "b            somebody  restart"]);
});

test("a cell of a Markdown table is plain text on one line, whatever is in it", () => {
  const [, , row] = markdownTable([["Name"], ["a|b <i>`c`</i>\n*d* \\| [e](f) &lt;"]]);
  expect(row).toBe(String.raw`| a\|b \<i\>\`c\`\</i\> \*d\* \\\| \[e\](f) \&lt; |`);
});
