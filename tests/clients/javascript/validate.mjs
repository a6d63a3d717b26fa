// Compiles every schema of a folder with Ajv as it is, and validates each example. Prints an object for each schema, a line of JSON.
import { readdirSync, readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const folder = process.argv[2];
const read = (path) => JSON.parse(readFileSync(`${folder}/${path}`, "utf8"));
const examples = readdirSync(`${folder}/examples`);
const ajv = addFormats(new Ajv2020({ logger: { log: refuse, warn: refuse, error: refuse } }));

function refuse(...words) {
  throw new Error(words.join(" "));
}

for (const file of readdirSync(`${folder}/schemas`)) {
  const name = file.replace(/\.json$/, "");
  const verdict = { schema: name, problem: null, refused: [], accepted: [] };
  try {
    const accepts = ajv.compile(read(`schemas/${file}`));
    for (const example of examples.filter((other) => other.startsWith(`${name}.`)))
      verdict[accepts(read(`examples/${example}`)) ? "accepted" : "refused"].push(example);
  } catch (error) {
    verdict.problem = error.message;
  }
  console.log(JSON.stringify(verdict));
}
