import { expect, test } from "vitest";
import { looksLikePlaceholder } from "../../src/dotenv/placeholder.js";

test.each([
  "your-token-here",
  "YOUR_API_KEY",
  '{"your-token-here": "your-client-id"}',
  "YOURSECRETKEY-goes-here",
  "changeme",
  "Change-Me",
  "replace_me",
  "sk-...",
  "sk-xxxxxxxx",
  "ghp_...",
  "xxx",
  "<token>",
  "***",
  "TODO",
])("%s looks like a placeholder", (value) => {
  expect(looksLikePlaceholder(value)).toBe(true);
});

test.each(["", "hunter2", "sk-proj-4f9a8b7c6d5e", "yourself", "a<b>c", "https://example.com/", "x", "changemeover"])(
  "%s does not",
  (value) => {
    expect(looksLikePlaceholder(value)).toBe(false);
  },
);
