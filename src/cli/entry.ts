import { writeSync } from "node:fs";
import { version } from "./version.js";

const argv = process.argv.slice(2);
if (argv[0] === "--version" || argv[0] === "-V") {
  writeSync(1, `${version}\n`);
} else {
  void import("./main.js").then(async ({ main }) => {
    process.exitCode = await main(argv);
  });
}
