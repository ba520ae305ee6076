package io.dockworker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.dockworker.command.CommandType;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.HealthSample;
import io.dockworker.command.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    static List<String> accepted() {
        return Samples.ACCEPTED;
    }

    static List<Samples.Bad> rejected() {
        return Samples.REJECTED;
    }

    @ParameterizedTest
    @ValueSource(strings = {"commands", "results", "events", "health", "state", "hosts", "commands.dlq"})
    void everyFileHasValidExamplesAndSaysWhatItsTopicIs(String name) {
        JsonNode topic = file(name);
        assertEquals(name, topic.get("name").asText());
        assertTrue(topic.get("key").isTextual() && topic.get("description").isTextual());
        assertFalse(topic.get("examples").isEmpty());
        for (JsonNode example : topic.get("examples")) {
            assertEquals(List.of(), faults(topic.get("schema"), example.get("payload")), example.get("name").asText());
            if (example.has("headers")) {
                assertEquals(List.of(), faults(topic.get("headers"), example.get("headers")));
            }
        }
    }

    @Test
    void everyVerbHasAnExampleThatTheDecoderAccepts() throws IOException {
        var types = new TreeSet<String>();
        for (JsonNode example : file("commands").get("examples")) {
            Decoded decoded = new CommandDecoder().decode(Samples.utf8(example.get("payload").toString()),
                    headers(example), "m");
            types.add(decoded instanceof Decoded.Accepted accepted
                    ? accepted.command().type().toString()
                    : decoded.toString());
        }
        assertEquals(Stream.of(CommandType.values()).map(CommandType::toString)
                .collect(Collectors.toCollection(TreeSet::new)), types);
    }

    private static Map<String, String> headers(JsonNode example) {
        return example.path("headers").properties().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, header -> header.getValue().asText()));
    }

    /** Consumers tolerate others, but should know these. */
    @Test
    void everyWordThatMayGoOutIsListed() {
        assertEquals(words(ContainerEvent.Type.values()), listed("events", "/schema/properties/type"));
        assertEquals(words(ContainerEvent.Cause.values()), listed("events", "/schema/properties/cause"));
        assertEquals(words(Outcome.Status.values()), listed("results", "/schema/$defs/status"));
        assertEquals(words(ErrorCode.values()), listed("results", "/schema/$defs/error/properties/code"));
        Set<String> states = new HashSet<>(words(ContainerStatus.values()));
        states.add("removed");
        assertEquals(states, listed("results", "/schema/$defs/state"));
        assertEquals(words(ContainerStatus.values()), listed("state", "/schema/properties/state"));
        assertEquals(words(ContainerState.Health.values()), listed("state", "/schema/properties/health"));
        assertEquals(words(ContainerState.Health.values()), listed("health", "/schema/properties/docker_health"));
        assertEquals(words(HealthSample.Status.values()), listed("health", "/schema/properties/status"));
    }

    private static Set<String> words(Object[] values) {
        return Stream.of(values).map(Object::toString).collect(Collectors.toSet());
    }

    private static Set<String> listed(String topic, String pointer) {
        return file(topic).at(pointer + "/anyOf/0/enum").valueStream().map(JsonNode::asText)
                .collect(Collectors.toSet());
    }

    @Test
    void aMessageThatIsNotAsItsFileSaysIsNotLetThrough() {
        Map<String, String> headers = Map.of("ce_specversion", "1.0", "ce_id", "1", "ce_source", "/hosts/a", "ce_type",
                "io.dockworker.host.v1", "ce_time", "2026-01-31T12:00:00Z", "content-type", "application/json");
        String value = file("hosts").at("/examples/0/payload").toString();
        TopicSchemas.check("hosts", headers, value);
        assertThrows(AssertionError.class, () -> TopicSchemas.check("hosts", headers, value.replace("epoch", "era")));
        assertThrows(AssertionError.class, () -> TopicSchemas.check("hosts", Map.of(), value));
    }

    @Test
    void theOverviewIsAsAsyncApiItselfDemands() {
        JsonNode schema = TopicSchemas.resource("/asyncapi/asyncapi-3.0.0.json");
        JsonNode overview = file("asyncapi");
        assertEquals(List.of(), draft7(schema, overview));
        ((ObjectNode) overview.at("/operations/sendResult")).put("action", "publish");
        assertFalse(draft7(schema, overview).isEmpty(), "what is wrong must be seen");
    }

    private static List<String> draft7(JsonNode schema, JsonNode value) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(schema).validate(value)
                .stream().map(Error::toString).toList();
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void whatTheDecoderAcceptsTheSchemaAllows(String json) throws IOException {
        JsonNode schema = file("commands").get("schema");
        assertEquals(List.of(), faults(schema, JSON.readTree(json)));
        Decoded.Accepted accepted = (Decoded.Accepted) new CommandDecoder().decode(Samples.utf8(json), Map.of(), "m");
        assertEquals(List.of(), faults(schema, JSON.readTree(new CommandEncoder().encode(accepted.command()))));
    }

    @ParameterizedTest
    @MethodSource("rejected")
    void whatTheDecoderRejectsTheSchemaForbidsWhereItHasTheWords(Samples.Bad bad) throws IOException {
        if (bad.schemaSays()) {
            assertFalse(faults(file("commands").get("schema"), JSON.readTree(bad.json())).isEmpty());
        }
    }

    static Stream<OutboundMessage> outputs() {
        var results = new ResultEncoder(Outputs.HOST);
        var states = new StateEncoder();
        return Stream.of(results.encode(null, Outputs.succeeded()), results.encode(null, Outputs.rejected()),
                results.encode(null, Outputs.of(3_000)), results.encode(null, Outputs.partial()),
                results.encodeReduced(null, Outputs.of(2)),
                new EventEncoder().encode(Outputs.event()), new EventEncoder().encodeReduced(Outputs.event()),
                states.encode(Outputs.HOST, Outputs.container(ContainerStatus.RUNNING), Outputs.NOON),
                states.encodeReduced(Outputs.HOST, Outputs.container(ContainerStatus.EXITED), Outputs.NOON),
                states.gone(Outputs.HOST, Outputs.ID, Outputs.NOON), new HealthEncoder().encode(Outputs.sample()),
                new HealthEncoder().encode(Outputs.bareSample()), new HostEncoder().encode(Outputs.beat()),
                Outputs.deadLetter().encode(), Outputs.deadLetter().encodeReduced());
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("outputs")
    void whatTheEncodersWriteIsAsItsFileSays(OutboundMessage message) throws IOException {
        JsonNode topic = file(message.topic());
        ObjectNode headers = JSON.createObjectNode();
        message.headers()
                .forEach(header -> headers.put(header.name(), new String(header.value(), StandardCharsets.UTF_8)));
        assertEquals(List.of(), faults(topic.get("headers"), headers));
        if (message.value() != null && !message.topic().equals("commands.dlq")) {
            JsonNode value = JSON.readTree(message.value());
            assertEquals(List.of(), faults(topic.get("schema"), value));
            var undocumented = new TreeSet<String>();
            value.fieldNames().forEachRemaining(undocumented::add);
            topic.at("/schema/properties").fieldNames().forEachRemaining(undocumented::remove);
            undocumented.remove("reduced");
            assertEquals(new TreeSet<String>(), undocumented, "fields that the file does not mention");
        }
    }

    @Test
    void theOverviewNamesEveryTopicAsItsFileDoesAndEveryReferenceLeadsSomewhere() throws IOException {
        JsonNode overview = file("asyncapi");
        for (JsonNode channel : overview.get("channels")) {
            String address = channel.get("address").asText();
            JsonNode topic = file(address.substring("dockworker.".length()));
            assertEquals(topic.get("partitions").asInt(), channel.at("/bindings/kafka/partitions").asInt(), address);
        }
        assertEquals(7, overview.get("channels").size());
        List<JsonNode> references = overview.findValues("$ref");
        assertTrue(references.size() >= 28, "references: " + references.size());
        for (JsonNode reference : references) {
            String[] parts = reference.asText().split("#", 2);
            JsonNode document = parts[0].isEmpty() ? overview : file(parts[0].replace(".yaml", ""));
            assertFalse(document.at(parts[1]).isMissingNode(), reference.asText());
        }
    }

    private static List<String> faults(JsonNode schema, JsonNode value) {
        return TopicSchemas.faults(schema, value);
    }

    private static JsonNode file(String name) {
        return TopicSchemas.file(name);
    }
}
