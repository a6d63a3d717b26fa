// Adds a student: sends the command AddStudent, waits for its outcome, and reads the event it caused.
// Run: npm ci && node add_student.mjs STATE_ID
// Settings: SER_KAFKA, SER_TOKEN, SER_TOPIC_PREFIX (none unless set), GROUP (your system's name)
import { randomUUID } from "node:crypto";
import { CompressionTypes, Kafka, Partitioners, logLevel } from "kafkajs";

const { SER_KAFKA, SER_TOKEN, SER_TOPIC_PREFIX = "", GROUP = "my-system" } = process.env;
const SEND_AGAIN_MS = 30_000;
const student = process.argv[2];
const commandId = randomUUID(); // keep it with your own record: who sends again uses the same id

const kafka = new Kafka({ brokers: [SER_KAFKA], logLevel: logLevel.ERROR });
const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
const consumer = kafka.consumer({ groupId: GROUP });
await Promise.all([producer.connect(), consumer.connect()]);

const send = () =>
  producer.send({
    topic: `${SER_TOPIC_PREFIX}students.commands`,
    acks: -1,
    compression: CompressionTypes.None,
    messages: [
      {
        key: student,
        value: JSON.stringify({ student_id: student, profile: { grade: "03" } }),
        headers: {
          ce_specversion: "1.0",
          ce_id: commandId,
          ce_type: "AddStudent",
          ce_source: "/my-system",
          ce_subject: student,
          ce_time: new Date().toISOString(),
          ce_dataschema: "urn:ser:schema:AddStudent.v1",
          "content-type": "application/json",
          token: SER_TOKEN,
        },
      },
    ],
  });

await send();
const sending = setInterval(send, SEND_AGAIN_MS); // again, under the same id, until there is an outcome

async function end(code) {
  clearInterval(sending);
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
  process.exit(code);
}

let status = "";
let event = null; // either may come first: topics keep no order among one another
await consumer.subscribe({
  topics: [`${SER_TOPIC_PREFIX}students.outcomes`, `${SER_TOPIC_PREFIX}StudentAdded`],
  fromBeginning: true,
});
await consumer.run({
  eachMessage: async ({ message }) => {
    const header = (name) => message.headers[name]?.toString();
    if (header("causation") !== commandId) return; // about another command
    const body = JSON.parse(message.value.toString());
    if (header("ce_type") === "Outcome") {
      clearInterval(sending);
      status = body.status;
      console.log(`${status} ${body.findings.map((finding) => finding.code).join(", ")}`.trim());
    } else {
      event = body;
      console.log(`StudentAdded revision ${body.revision}, sequence ${header("ce_sequence")}`);
    }
    if (status === "refused") setImmediate(end, 1);
    if (status === "accepted" && event) setImmediate(end, 0);
  },
});
