import { expect, test } from "vitest";
import { fileDeliveries, requireDeliverable, valueDeliveries } from "../../../src/delivery/run/deliveries.js";

test("a name becomes its variable after the prefix, a file a variable that is named or made from it", () => {
  expect(valueDeliveries(["first_key"], "App_")).toEqual([
    { name: "first_key", variable: "App_FIRST_KEY", form: "value" },
  ]);
  expect(fileDeliveries(["TLS_KEY", "tls_cert=CertPath"], "APP_")).toEqual([
    { name: "tls_key", variable: "APP_TLS_KEY_FILE", form: "file" },
    { name: "tls_cert", variable: "CertPath", form: "file" },
  ]);
});

test("what is no variable is refused", () => {
  for (const prefix of ["1", "A-", "A B", "=", "é"]) {
    expect(() => valueDeliveries([], prefix)).toThrow("no variable can start with");
    expect(() => fileDeliveries([], prefix)).toThrow("no variable can start with");
  }
  for (const variable of ["", "1A", "A=B", "A-B", "A\n"]) {
    expect(() => fileDeliveries([`tls_key=${variable}`], "")).toThrow("is not the name of a variable");
  }
});

test("a variable that decides what a program loads is refused, however it came to be", () => {
  const refusals = [
    () => valueDeliveries(["ld_preload"], ""),
    () => valueDeliveries(["preload"], "LD_"),
    () => fileDeliveries(["a=PATH"], ""),
    () => fileDeliveries(["a=npm_config_userconfig"], ""),
    () => fileDeliveries(["ld"], "LD_"),
  ];
  for (const make of refusals)
    expect(() => requireDeliverable(make())).toThrow("so it is never put into an environment");
  for (const make of [() => fileDeliveries(["a=MXM_ROLE"], ""), () => valueDeliveries(["role"], "MXM_")]) {
    expect(() => requireDeliverable(make())).toThrow("is a variable of mxm-secrets itself");
  }
  expect(() => requireDeliverable(valueDeliveries(["path"], "APP_"))).not.toThrow();
});

test("one variable never holds two secrets", () => {
  const values = valueDeliveries(["tls_key_file"], "");
  expect(() => requireDeliverable([...values, ...fileDeliveries(["tls_key"], "")])).toThrow(
    "the variable `TLS_KEY_FILE` would hold both `tls_key_file` and `tls_key`",
  );
  expect(() => requireDeliverable(fileDeliveries(["a", "a"], ""))).toThrow(
    "the variable `A_FILE` would hold `a` twice",
  );
  expect(() => requireDeliverable(fileDeliveries(["a", "a=B"], ""))).not.toThrow();
});
