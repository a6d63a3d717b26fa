// Reads AsyncAPI documents, each a line of JSON on standard input; prints the parser's diagnostics of each as a line of JSON.
import { createInterface } from "node:readline";
import { Parser } from "@asyncapi/parser";

const parser = new Parser();
for await (const line of createInterface({ input: process.stdin })) {
  const { document, diagnostics } = await parser.parse(line);
  const found = diagnostics.map(({ code, message, path, severity }) => ({ code, message, path, severity }));
  const channels = document ? document.channels().all().map((channel) => channel.address()) : [];
  console.log(JSON.stringify({ accepted: document !== undefined, channels, diagnostics: found }));
}
