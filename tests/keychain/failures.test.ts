import { describe, expect, test } from "vitest";
import { bindingMissing, keychainFailure } from "../../src/keychain/failures.js";

/** What @napi-rs/keyring 2.1.2 says; the first two on macOS and Windows, where nobody has run it for us yet. */
const said: readonly (readonly ["os" | "kernel", string, object])[] = [
  ["os", "Couldn't access platform storage: User interaction is not allowed.", { code: "locked" }],
  ["os", "Value of 'password' is longer than the platform limit of 2560", { code: "invalid_input" }],
  ["os", "Couldn't access platform storage: Secret Service: unlock prompt was dismissed", { code: "locked" }],
  ["os", "Platform failure: DBus error: Cannot get secret of a locked object", { code: "locked" }],
  ["os", 'Entry is matched by 2 credentials: [Entry { inner: Wrapper { path: Path("/x") } }]', { code: "integrity" }],
  [
    "os",
    "Platform failure: DBus error: Using X11 for dbus-daemon autolaunch was disabled at compile time, set your DBUS_SESSION_BUS_ADDRESS instead",
    { code: "unavailable", reason: "not_initialised" },
  ],
  [
    "os",
    "Platform failure: DBus error: The name org.freedesktop.secrets was not provided by any .service files",
    { code: "unavailable", reason: "not_initialised" },
  ],
  [
    "os",
    "Platform failure: DBus error: Failed to connect to socket /nonexistent: No such file or directory",
    { code: "unavailable", reason: "unreachable" },
  ],
  [
    "os",
    "Platform failure: DBus error: Did not receive a reply. Possible causes include: the remote application did not send a reply",
    { code: "unavailable", reason: "unreachable" },
  ],
  ["os", "something that nobody has seen yet", { code: "unavailable", reason: "unreachable" }],
  ["kernel", "Couldn't access platform storage: AccessDenied", { code: "unavailable", reason: "unreachable" }],
  ["kernel", "Couldn't access platform storage: KeyRevoked", { code: "unavailable", reason: "unreachable" }],
  ["kernel", "Platform failure: QuotaExceeded", { code: "unavailable", reason: "unreachable" }],
  ["kernel", "Value of 'password' is invalid: rejected by the platform", { code: "invalid_input" }],
  ["kernel", "something that nobody has seen yet", { code: "unavailable", reason: "unreachable" }],
];

describe("what the native part says", () => {
  test.each(said)("%s: %s", (keyring, message, expected) => {
    const error = keychainFailure(keyring, "smtp/password", message);
    expect(error).toMatchObject(expected);
    expect(error.cause).toBeUndefined();
  });

  test("is never passed on", () => {
    const canary = "canary-of-the-keychain";
    for (const [keyring, message] of said) {
      const { message: shown, hint } = keychainFailure(keyring, "a", `${message} ${canary}`);
      expect(`${shown} ${hint}`).not.toContain(canary);
    }
  });
});

test("a package that is missing is named, with how to get it", () => {
  expect(bindingMissing()).toMatchObject({
    code: "unavailable",
    reason: "not_installed",
    message: "the package `@napi-rs/keyring` is not installed for this system",
    hint: expect.stringContaining("--omit=optional"),
  });
});
