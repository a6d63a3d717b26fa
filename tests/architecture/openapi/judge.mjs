// Reads OpenAPI documents, each a line of JSON on standard input; prints what Redocly and Spectral object to in each as a line of JSON.
import { createInterface } from "node:readline";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectralCore from "@stoplight/spectral-core";
import spectralRulesets from "@stoplight/spectral-rulesets";

const redocly = await createConfig({ extends: ["recommended"] });
const spectral = new spectralCore.Spectral();
spectral.setRuleset({ extends: [[spectralRulesets.oas, "recommended"]] });
const severities = ["error", "warn", "information", "hint"];

for await (const line of createInterface({ input: process.stdin })) {
  const objections = [];
  for (const found of await lintFromString({ source: line, absoluteRef: "/openapi.json", config: redocly })) {
    const place = found.location?.[0]?.pointer ?? "";
    objections.push({ by: "redocly", rule: found.ruleId, severity: found.severity, message: found.message, place });
  }
  for (const found of await spectral.run(JSON.parse(line))) {
    const severity = severities[found.severity];
    objections.push({ by: "spectral", rule: found.code, severity, message: found.message, place: found.path.join("/") });
  }
  console.log(JSON.stringify(objections));
}
