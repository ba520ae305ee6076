package io.dockworker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.Command;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A command in each of the three forms in which it may come. */
class EnvelopeTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TRACE = "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01";
    private static final String TYPE = "io.dockworker.command.";
    private static final Map<String, String> STRUCTURED = Map.of("content-type",
            "application/cloudevents+json; charset=UTF-8");

    private final CommandDecoder decoder = new CommandDecoder();

    static Stream<String> samples() {
        return Stream.concat(Samples.ACCEPTED.stream(),
                Samples.REJECTED.stream().filter(bad -> !bad.hint().equals("NUL")).map(Samples.Bad::json));
    }

    /** So that sending it again in another form has no effect. */
    @ParameterizedTest
    @MethodSource("samples")
    void aCommandMeansTheSameInEveryForm(String json) throws Exception {
        ObjectNode bare = (ObjectNode) JSON.readTree(json);
        bare.put("id", "c-1");
        Decoded expected = decode(bare, Map.of());

        ObjectNode data = bare.deepCopy().without(List.of("id", "type"));
        String type = TYPE + bare.get("type").asText();
        assertEquals(expected, decode(data, Map.of("ce_id", "c-1", "ce_type", type)));
        assertEquals(expected, decode(bare, Map.of("ce_id", "c-1", "ce_type", type + ".v1", "ce_specversion", "1.0",
                "content-type", "application/json", "ce_extension", "x")), "both may be repeated");
        ObjectNode event = JSON.createObjectNode().put("specversion", "1.0").put("id", "c-1").put("type", type)
                .put("time", "2026-01-31T12:00:00Z").put("datacontenttype", "application/json");
        event.set("data", data);
        assertEquals(expected, decode(event, STRUCTURED));
    }

    @Test
    void attributesAreTheFieldsOfTheirMeaning() throws Exception {
        JsonNode data = JSON.readTree("{\"target\":\"web\"}");
        Map<String, String> binary = Map.of("ce_id", "1", "ce_type", TYPE + "start.v1", "ce_source", "/shop",
                "ce_expirytime", "2030-01-31T12:00:00Z", "ce_correlationid", "r-42", "traceparent", TRACE);
        Command expected = command("""
                {"id":"1","type":"start","target":"web","source":"/shop","expires_at":"2030-01-31T12:00:00Z",
                 "correlation_id":"r-42","traceparent":"%s"}""".formatted(TRACE), Map.of());
        assertEquals(expected, command(data.toString(), binary));
        ObjectNode event = JSON.createObjectNode();
        binary.forEach((name, value) -> event.put(name.replace("ce_", ""), value));
        event.set("data", data);
        assertEquals(expected, command(event.toString(), STRUCTURED));
        event.set("data", data.deepCopy());
        for (String spelling : List.of("2030-01-31T12:00:00.000Z", "2030-01-31T13:00:00+01:00")) {
            ((ObjectNode) event.get("data")).put("expires_at", spelling);
            assertEquals(expected, command(event.toString(), STRUCTURED), "the same instant");
        }
        event.set("data", data);
        event.remove("source");
        event.put("source", "/" + "s".repeat(2_000));
        assertEquals(Optional.empty(), command(event.toString(), STRUCTURED).header().source(), "a URI of any length");
    }

    @Test
    void headersThatALibraryAddsToAllMakeNoEventOfBareJson() {
        assertEquals(
                command("{\"id\":\"1\",\"type\":\"start\",\"target\":\"web\",\"correlation_id\":\"r-42\",\"source\":\"/shop\"}",
                        Map.of()),
                command("{\"id\":\"1\",\"type\":\"start\",\"target\":\"web\"}",
                        Map.of("ce_correlationid", "r-42", "ce_source", "/shop", "ce_time", "2026-01-31T12:00:00Z")));
    }

    @Test
    void anAttributeThatIsReadableAndWrongIsRejectedAsTheFieldThatItStandsFor() {
        Decoded decoded = decoder.decode(Samples.utf8("{\"target\":\"web\"}"),
                Map.of("ce_id", "1", "ce_type", TYPE + "start", "ce_expirytime", "tomorrow"), "m");
        assertEquals(Optional.of("/expires_at"), assertInstanceOf(Decoded.Rejected.class, decoded).failure().field());
        Decoded deep = decoder.decode(
                Samples.utf8("{\"id\":\"1\",\"type\":\"%sstart\",\"data\":{\"target\":\"\\u0000\"}}".formatted(TYPE)),
                STRUCTURED, "m");
        assertEquals(Optional.of("/target"), assertInstanceOf(Decoded.Rejected.class, deep).failure().field());
    }

    /** @param hints words of the message: the attribute, and the mend */
    record Broken(Map<String, String> headers, String value, List<String> hints) {}

    static final List<Broken> BROKEN = List.of(
            broken(Map.of("ce_type", TYPE + "start"), "{}", "`ce_id` is missing"),
            broken(Map.of("ce_id", "1"), "{\"type\":\"start\"}", "`ce_type` is missing", TYPE + "create"),
            broken(Map.of("ce_id", "a b", "ce_type", TYPE + "start"), "{}", "`ce_id`", "letters, digits"),
            broken(Map.of("ce_id", "i".repeat(1 << 20), "ce_type", TYPE + "start"), "{}", "`ce_id`", "128"),
            broken(Map.of("ce_id", "\uFFFD", "ce_type", TYPE + "start"), "{}", "`ce_id`", "UTF-8"),
            broken(Map.of("ce_id", "1", "ce_type", "start"), "{}", "`ce_type` is `start`", TYPE + "<type>"),
            broken(Map.of("ce_id", "1", "ce_type", TYPE + "start.v2"), "{}", "`ce_type`", TYPE + "<type>"),
            broken(Map.of("ce_id", "1", "ce_type", TYPE + "t".repeat(65)), "{}", "`ce_type`"),
            broken(Map.of("ce_id", "1", "ce_type", TYPE + "start", "ce_specversion", "0.3"), "{}", "`ce_specversion`",
                    "1.0"),
            broken(Map.of("ce_id", "1", "ce_type", TYPE + "start"), "[]", "JSON object"),
            broken(Map.of("ce_id", "1", "ce_type", TYPE + "start"), "{\"id\":\"2\"}", "`ce_id` says `1`", "leave"),
            broken(Map.of("ce_id", "1", "ce_type", TYPE + "start"), "{\"type\":\"stop\"}", "`ce_type` says", "leave"),
            broken(Map.of("ce_id", "1", "ce_type", TYPE + "start", "ce_correlationid", "a"),
                    "{\"correlation_id\":\"b\"}", "`ce_correlationid`", "leave"),
            broken(Map.of("ce_id", "1", "ce_type", TYPE + "start", "ce_expirytime", "2030-01-31T12:00:00Z"),
                    "{\"expires_at\":\"2030-01-31T12:00:01Z\"}", "`ce_expirytime`", "leave"),
            broken(Map.of("ce_id", "1", "ce_type", TYPE + "start", "ce_expirytime", "soon"),
                    "{\"expires_at\":\"tomorrow\"}", "`ce_expirytime`", "leave"),
            broken(Map.of("content-type", "application/cloudevents-batch+json"), "[]", "`content-type`", "by itself"),
            broken(Map.of("content-type", "application/cloudevents+avro"), "{}", "`content-type`", "+json"),
            broken(STRUCTURED, "{\"id\":\"1\",\"type\":\"start\"}", "`data` is the JSON object"),
            broken(STRUCTURED, "{\"id\":\"1\",\"type\":\"start\",\"data_base64\":\"e30=\"}", "`data_base64`", "`data`"),
            broken(STRUCTURED, "{\"type\":\"" + TYPE + "start\",\"data\":{}}", "the attribute `id` is missing"),
            broken(STRUCTURED, "{\"id\":7,\"type\":\"" + TYPE + "start\",\"data\":{}}", "`id` is text in quotes"),
            broken(STRUCTURED, "{\"id\":\"\\u0000\",\"type\":\"" + TYPE + "start\",\"data\":{}}", "`id`", "NUL"),
            broken(STRUCTURED, "{\"id\":\"1\",\"type\":\"" + TYPE
                    + "start\",\"datacontenttype\":\"text/xml\",\"data\":{}}", "`datacontenttype`",
                    "application/json"));

    @ParameterizedTest
    @FieldSource("BROKEN")
    void whatIsBrokenInAnEnvelopeNamesTheAttributeAndTheMend(Broken broken) {
        Decoded.NoCommand none = assertInstanceOf(Decoded.NoCommand.class,
                decoder.decode(Samples.utf8(broken.value()), broken.headers(), "m"));
        assertEquals(DeadLetterCode.NOT_A_COMMAND, none.code());
        broken.hints().forEach(hint -> assertTrue(none.message().contains(hint), none.message()));
        assertEquals(Text.shown(none.message(), 500), none.message(), "it becomes a header");
    }

    @Test
    void noHeadersMakeItThrow() {
        long seed = Long.getLong("dockworker.seed", System.nanoTime());
        var random = new Random(seed);
        List<String> names = List.of("ce_id", "ce_type", "ce_specversion", "ce_expirytime", "ce_correlationid",
                "ce_source", "traceparent", "content-type", "ce_", "");
        List<String> values = List.of("", "1", TYPE + "start", TYPE, "1.0", "application/cloudevents+json", TRACE,
                "\uFFFD", "\ud800", "\u0000", "x".repeat(100_000), "2030-01-31T12:00:00Z", "application/cloudevents",
                ";");
        List<String> bodies = List.of("{\"target\":\"web\"}", "{}", "[]", "1",
                "{\"id\":\"1\",\"type\":\"start\",\"data\":{\"target\":\"web\"}}", "{\"data\":null,\"id\":[]}");
        for (int i = 0; i < 20_000; i++) {
            Map<String, String> headers = new HashMap<>();
            for (int n = random.nextInt(6); n > 0; n--) {
                headers.put(names.get(random.nextInt(names.size())), values.get(random.nextInt(values.size())));
            }
            String body = bodies.get(random.nextInt(bodies.size()));
            try {
                decoder.decode(Samples.utf8(body), headers, "m");
            } catch (RuntimeException e) {
                throw new AssertionError("-Ddockworker.seed=" + seed + ": " + headers.keySet() + " " + body, e);
            }
        }
    }

    private static Broken broken(Map<String, String> headers, String value, String... hints) {
        return new Broken(headers, value, List.of(hints));
    }

    private Decoded decode(JsonNode value, Map<String, String> headers) {
        return decoder.decode(Samples.utf8(value.toString()), headers, "made");
    }

    private Command command(String json, Map<String, String> headers) {
        return assertInstanceOf(Decoded.Accepted.class, decoder.decode(Samples.utf8(json), headers, "m")).command();
    }
}
