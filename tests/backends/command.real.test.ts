import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { commandBackend } from "../../src/backends/command.js";
import { isolatedContext } from "../support/context.js";
import { scratchDirectory } from "../support/directory.js";
import { isInstalled } from "../support/play-page.js";

/** As much of AWS Secrets Manager as its command line needs here, on this machine's own network. */
async function startService(values: Map<string, string>): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const asked: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const { SecretId = "", SecretString } = Object(asked) as Readonly<Record<string, string | undefined>>;
      if (SecretString !== undefined) values.set(SecretId, SecretString);
      const value = values.get(SecretId);
      response.writeHead(value === undefined ? 400 : 200, { "content-type": "application/x-amz-json-1.1" });
      response.end(
        JSON.stringify(
          value === undefined
            ? { __type: "ResourceNotFoundException", Message: "canary" }
            : { Name: SecretId, SecretString: value },
        ),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.skipIf(!isInstalled("aws"))("the command backend with the real aws", { timeout: 120_000 }, () => {
  test("reads and writes values of several lines to the byte, as docs/command.md configures it", async () => {
    const values = new Map([["prod/smtp", "-----\nkey\n-----\n"]]);
    const environment = {
      PATH: process.env["PATH"],
      HOME: scratchDirectory(),
      AWS_ACCESS_KEY_ID: "made-by-the-test",
      AWS_SECRET_ACCESS_KEY: "made-by-the-test",
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_MAX_ATTEMPTS: "1",
      AWS_ENDPOINT_URL: await startService(values),
    };
    const put = 'cat | aws secretsmanager put-secret-value --secret-id "$1" --secret-string file:///dev/stdin';
    const options = {
      read: "aws secretsmanager get-secret-value --secret-id {path} --query SecretString --output text".split(" "),
      write: ["sh", "-c", put, "sh", "{path}"],
      input: "value",
      newline: "strip_one",
      environment: Object.keys(environment).filter((name) => name.startsWith("AWS_")),
      timeout: 60,
    };
    const context = isolatedContext({ environment, baseDirectory: scratchDirectory() });
    const backend = commandBackend.open({ name: "aws", options }, context);
    const read = async (path: string) => {
      const value = await backend.read(issueGrantForContract(path, "read"), {});
      return value && Buffer.from(value).toString();
    };
    expect(await read("prod/smtp")).toBe("-----\nkey\n-----\n");
    await backend.write?.(issueGrantForContract("prod/smtp", "write"), Buffer.from("two\nlines\n☃"), {});
    expect(values.get("prod/smtp")).toBe("two\nlines\n☃");
    expect(await read("prod/smtp")).toBe("two\nlines\n☃");
    await expect(read("none")).rejects.toMatchObject({ code: "unavailable", message: /ended with exit code 25[45]$/ });
  });
});
