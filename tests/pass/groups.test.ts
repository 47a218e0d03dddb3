import { expect, test } from "vitest";
import { parseGroups, withoutGroups } from "../../src/pass/groups.js";

test("groups of `gpg.conf` are listed with their members", () => {
  expect(parseGroups("cfg:group:team:AA;BB\ncfg:group:one:CC\ncfg:version:2.2.40\n")).toEqual(
    new Map([
      ["team", ["AA", "BB"]],
      ["one", ["CC"]],
    ]),
  );
});

test("keys and addresses are never taken for groups, so that gpg need not be asked for any", async () => {
  const ids = ["0123456789ABCDEF", "0x01234567", `${"A".repeat(40)}!`, "a@b.example"];
  const gpg = { program: "/nonexistent/gpg", environment: {} };
  expect(await withoutGroups(gpg, ids, undefined)).toEqual(ids);
});
