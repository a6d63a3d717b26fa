// Adds a student: sends the command AddStudent, waits for its outcome, and reads the event it caused.
// Run: mvn dependency:copy-dependencies && java -cp 'target/dependency/*' AddStudent.java STATE_ID
// Settings: SER_KAFKA, SER_TOKEN, SER_TOPIC_PREFIX (none unless set), GROUP (your system's name)

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

class AddStudent {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String PREFIX = System.getenv().getOrDefault("SER_TOPIC_PREFIX", "");
    static final String GROUP = System.getenv().getOrDefault("GROUP", "my-system");
    static final Duration SEND_AGAIN = Duration.ofSeconds(30);

    public static void main(String[] arguments) throws Exception {
        String student = arguments[0];
        String commandId = UUID.randomUUID().toString(); // keep it with your own record, to send again
        Map<String, Object> kafka = Map.of("bootstrap.servers", System.getenv("SER_KAFKA"));
        try (var producer = new KafkaProducer<>(kafka, new StringSerializer(), new ByteArraySerializer());
                var consumer = new KafkaConsumer<>(
                        with(kafka, Map.of("group.id", GROUP, "auto.offset.reset", "earliest")),
                        new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(PREFIX + "students.outcomes", PREFIX + "StudentAdded"));
            String status = "";
            boolean added = false; // either may come first: topics keep no order among one another
            Instant sendAt = Instant.now();
            while (true) {
                if (status.isEmpty() && !Instant.now().isBefore(sendAt)) { // again, under the same id
                    producer.send(command(student, commandId)).get();
                    sendAt = Instant.now().plus(SEND_AGAIN);
                }
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    Header causation = record.headers().lastHeader("causation");
                    if (causation == null || !commandId.equals(new String(causation.value()))) {
                        continue; // about another command
                    }
                    CloudEvent event = KafkaMessageFactory.createReader(record).toEvent();
                    JsonNode body = JSON.readTree(event.getData().toBytes());
                    if (event.getType().equals("Outcome")) {
                        status = body.get("status").asText();
                        String codes = String.join(", ", body.get("findings").findValuesAsText("code"));
                        System.out.println((status + " " + codes).strip());
                    } else {
                        added = true;
                        System.out.printf("StudentAdded revision %s, sequence %s%n",
                                body.get("revision"), event.getExtension("sequence"));
                    }
                    if (status.equals("refused")) {
                        System.exit(1);
                    }
                    if (status.equals("accepted") && added) {
                        return;
                    }
                }
            }
        }
    }

    static ProducerRecord<String, byte[]> command(String student, String commandId) throws Exception {
        CloudEvent event = CloudEventBuilder.v1()
                .withId(commandId)
                .withType("AddStudent")
                .withSource(URI.create("/my-system"))
                .withSubject(student)
                .withTime(OffsetDateTime.now())
                .withDataSchema(URI.create("urn:ser:schema:AddStudent.v1"))
                .withDataContentType("application/json")
                .withData(JSON.writeValueAsBytes(Map.of("student_id", student, "profile", Map.of("grade", "03"))))
                .build();
        ProducerRecord<String, byte[]> record =
                KafkaMessageFactory.<String>createWriter(PREFIX + "students.commands", student).writeBinary(event);
        record.headers().add("token", System.getenv("SER_TOKEN").getBytes());
        return record;
    }

    static Map<String, Object> with(Map<String, Object> some, Map<String, Object> more) {
        Map<String, Object> both = new java.util.HashMap<>(some);
        both.putAll(more);
        return both;
    }
}
