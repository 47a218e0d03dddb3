import { expect, test } from "vitest";
import { isMeant, parseKeyBlocks, parseKeys } from "../../src/gpg/keyring.js";

/** As gpg 2.2.40 lists an Ed25519 key with a Curve25519 subkey, shortened. */
const listed = `tru::1:1795975398:0:3:1:5
pub:u:255:22:E7342664025E3ABF:1795975398:::u:::scESC:::::ed25519:::0:
fpr:::::::::D8A893780B2851A7AD14C894E7342664025E3ABF:
uid:u::::1795975398::0A::bridge <bridge@machines.test>::::::::::0:
sub:u:255:18:563F9EF5B252D873:1795975398::::::e:::::cv25519::
fpr:::::::::1F50734B1EE7337310B566AA563F9EF5B252D873:
pub:e:255:22:0123456789ABCDEF:1:::u:::scESC:::::ed25519:::0:
fpr:::::::::000000000000000000000000000000000123456789ABCDEF:
uid:e::::1::0B::other::::::::::0:
`;

test("keys are listed with their ids and validity, stubs without their secret part left out", () => {
  expect(parseKeys(listed)).toEqual([
    { keyId: "E7342664025E3ABF", primary: true, validity: "u" },
    { keyId: "563F9EF5B252D873", primary: false, validity: "u" },
    { keyId: "0123456789ABCDEF", primary: true, validity: "e" },
  ]);
  expect(parseKeys("ssb:u:255:18:563F9EF5B252D873:1::::::e:::#:cv25519::\n")).toEqual([]);
});

test("a key is meant by the end of a fingerprint of it or of a subkey, and by a part of a user's name", () => {
  const [bridge] = parseKeyBlocks(listed);
  if (bridge === undefined) throw new Error("a key was listed");
  const meant = [
    "D8A893780B2851A7AD14C894E7342664025E3ABF",
    "1F50734B1EE7337310B566AA563F9EF5B252D873!",
    "0x563f9ef5b252d873",
    "025E3ABF",
    "bridge@machines.test",
    "<bridge@machines.test>",
    "Bridge",
  ];
  expect(meant.filter((id) => !isMeant(bridge, id))).toEqual([]);
  expect(["0123456789ABCDEF", "other", "x@machines.test"].filter((id) => isMeant(bridge, id))).toEqual([]);
});
