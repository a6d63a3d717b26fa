// Compiles every schema of a folder with networknt's validator, and validates each example. Prints an object for each schema, a line of JSON.

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

class Validate {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(VersionFlag.V202012);
    private static final SchemaValidatorsConfig CONFIG =
            SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        for (Path schema : files(folder.resolve("schemas"))) {
            System.out.println(JSON.writeValueAsString(verdict(schema, files(folder.resolve("examples")))));
        }
    }

    private static Map<String, Object> verdict(Path file, List<Path> examples) {
        String name = file.getFileName().toString().replaceFirst("\\.json$", "");
        List<String> accepted = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        Map<String, Object> verdict = new LinkedHashMap<>();
        verdict.put("schema", name);
        verdict.put("accepted", accepted);
        verdict.put("refused", refused);
        try {
            JsonSchema schema = FACTORY.getSchema(JSON.readTree(file.toFile()), CONFIG);
            schema.initializeValidators();
            for (Path example : examples) {
                String title = example.getFileName().toString();
                if (title.startsWith(name + ".")) {
                    boolean fits = schema.validate(Files.readString(example), InputFormat.JSON).isEmpty();
                    (fits ? accepted : refused).add(title);
                }
            }
            verdict.put("problem", null);
        } catch (Exception problem) {
            verdict.put("problem", problem.toString());
        }
        return verdict;
    }

    private static List<Path> files(Path folder) throws Exception {
        try (Stream<Path> found = Files.list(folder)) {
            return found.sorted().toList();
        }
    }
}
