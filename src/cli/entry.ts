import { writeSync } from "node:fs";
import { version } from "./version.js";

const argv = process.argv.slice(2);
if (argv[0] === "--version" || argv[0] === "-V") {
  writeSync(1, `${version}\n`);
} else {
  void import("./main.js").then(async ({ main }) => {
    // All output is written by now: nothing is left that the process would have to wait, or tidy its memory, for.
    process.exit(await main(argv));
  });
}
