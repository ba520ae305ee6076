package io.dockworker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.Header;
import io.dockworker.command.ImageName;
import io.dockworker.command.Target;
import io.dockworker.journal.CommandViews;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code openapi.yaml} against the running server, both ways. */
class OpenApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** What a path's names stand for in these requests. */
    private static final Map<String, String> NAMES = Map.of("{image}", "nginx:alpine", "{file}", "results.yaml");

    private final FakeFleet fleet = new FakeFleet();
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpInterface http;
    private JsonNode file;

    @BeforeEach
    void start() throws Exception {
        http = HttpInterface.start(new Listening("127.0.0.1", 0, false, Optional.empty()), fleet.parts());
        file = yaml(send("GET", "/openapi.yaml", "").body());
        fleet.executes = true;
        fleet.happened(fleet.add("a", "web-1", "nginx:alpine"), "e1", FakeFleet.NOW);
        fleet.record(new Command.Start(Header.of(new CommandId("c1")), new Target.AllOf(new ImageName("nginx"))),
                CommandViews.Progress.ENDED);
        fleet.record(new Command.Start(Header.of(new CommandId("c2")), new Target.AllOf(new ImageName("nginx"))),
                CommandViews.Progress.ACCEPTED);
    }

    @AfterEach
    void stop() {
        http.close();
        client.shutdownNow();
    }

    @Test
    void itNamesEveryRouteAndParameterOfTheServerAndNoOther() {
        var served = new TreeMap<String, TreeSet<String>>();
        http.routes().forEach(
                route -> served.put(route.method() + " " + route.template(), new TreeSet<>(route.parameters())));
        var told = new TreeMap<String, TreeSet<String>>();
        operations().forEach((name, operation) -> {
            var parameters = new TreeSet<String>();
            operation.path("parameters").forEach(reference -> {
                JsonNode parameter = resolve(reference);
                if (parameter.get("in").asText().equals("query")) {
                    parameters.add(parameter.get("name").asText());
                }
            });
            told.put(name, parameters);
        });
        assertEquals(served, told);
    }

    @Test
    void everyOperationAnswersAsItSays() throws Exception {
        for (Map.Entry<String, JsonNode> operation : operations().entrySet()) {
            String method = operation.getKey().split(" ", 2)[0];
            String template = operation.getKey().split(" ", 2)[1];
            String path = template.replace("{id}", template.startsWith("/commands") ? "c1" : "web-1");
            for (Map.Entry<String, String> name : NAMES.entrySet()) {
                path = path.replace(name.getKey(), name.getValue());
            }
            String body = template.equals("/commands") ? "{\"type\":\"pull\",\"image\":\"nginx\"}" : "";
            JsonNode responses = operation.getValue().get("responses");
            if (template.equals("/stream")) {
                assertStreams(responses);
                continue;
            }
            assertAnswer(operation.getKey(), responses, send(method, path, body), method.equals("GET") ? 200 : 202);
            if (!method.equals("GET")) {
                assertAnswer(operation.getKey(), responses, send(method, path, body, "Prefer", "wait=60"), 200);
            }
            assertAnswer(operation.getKey(), responses, send(method, path + "?nonsense=1", body), 400);
        }
        fleet.readiness = new Readiness(Readiness.State.NOT_READY,
                List.of(new Readiness.Dependency("kafka", false, "away")), List.of());
        assertAnswer("not ready", operations().get("GET /health/ready").get("responses"),
                send("GET", "/health/ready", ""), 503);
        assertAnswer("unknown host", operations().get("POST /commands").get("responses"),
                send("POST", "/commands", "{\"type\":\"pull\",\"image\":\"nginx\",\"host\":\"nowhere\"}"), 404);
        assertAnswer("not ended", operations().get("GET /commands/{id}").get("responses"),
                send("GET", "/commands/c2", ""), 200);
    }

    @Test
    void itIsWellFormed() {
        assertTrue(file.get("openapi").asText().startsWith("3.1."));
        var ids = new TreeSet<String>();
        operations().forEach((name, operation) -> {
            assertTrue(ids.add(operation.get("operationId").asText()), name);
            assertTrue(operation.get("responses").size() >= 2, name);
            assertTrue(operation.hasNonNull("summary"), name);
        });
        file.get("paths").properties().forEach(path -> {
            var named = new TreeSet<String>();
            path.getValue().path("parameters").forEach(reference -> named.add(resolve(reference).get("name").asText()));
            assertEquals(new TreeSet<>(java.util.regex.Pattern.compile("\\{([a-z]+)}").matcher(path.getKey()).results()
                    .map(match -> match.group(1)).toList()), named, path.getKey());
        });
        for (JsonNode reference : file.findValues("$ref")) {
            assertFalse(at(reference.asText()).isMissingNode(), reference.asText());
        }
        JsonNode metaschema = JSON.createObjectNode().put("$ref", "https://json-schema.org/draft/2020-12/schema");
        file.at("/components/schemas")
                .forEach(schema -> assertEquals(List.of(), faults(metaschema, schema), schema::toString));
    }

    private void assertStreams(JsonNode responses) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = client.send(request("/stream?last_event_id=0-0").build(),
                BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        String type = response.headers().firstValue("Content-Type").orElseThrow();
        assertTrue(responses.at("/200/content").has(type), type);
        try (var reader = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            var lines = new TreeSet<String>();
            while (!lines.contains("event: result")) {
                lines.add(reader.readLine());
            }
            assertTrue(lines.contains("event: event") && lines.contains("id: 1-0"), lines::toString);
        }
    }

    private void assertAnswer(String operation, JsonNode responses, HttpResponse<String> answer, int status)
            throws IOException {
        String said = operation + ": " + answer.statusCode() + " " + answer.body();
        assertEquals(status, answer.statusCode(), said);
        JsonNode told = responses.has(Integer.toString(status))
                ? responses.get(Integer.toString(status))
                : responses.get("default");
        JsonNode response = told.has("$ref") ? resolve(told) : told;
        String type = answer.headers().firstValue("Content-Type").orElseThrow().split(";", 2)[0];
        assertTrue(response.get("content").has(type), said);
        JsonNode schema = response.get("content").get(type).get("schema");
        response.path("headers").fieldNames().forEachRemaining(header -> {
            if (header.equals("Location")) {
                assertTrue(answer.headers().firstValue(header).isPresent(), said);
            }
        });
        if (type.endsWith("json")) {
            assertEquals(List.of(), faults(whole(schema), JSON.readTree(answer.body())), said);
        }
    }

    /** The schema with everything that it may refer to. */
    private JsonNode whole(JsonNode schema) {
        ObjectNode document = schema.deepCopy();
        ObjectNode schemas = document.putObject("components").putObject("schemas");
        file.at("/components/schemas").properties()
                .forEach(named -> schemas.set(named.getKey(), named.getValue().has("$ref")
                        ? at(named.getValue().get("$ref").asText())
                        : named.getValue()));
        return document;
    }

    private Map<String, JsonNode> operations() {
        var operations = new TreeMap<String, JsonNode>();
        file.get("paths").properties().forEach(path -> path.getValue().properties().forEach(operation -> {
            if (!operation.getKey().equals("parameters")) {
                operations.put(operation.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey(),
                        operation.getValue());
            }
        }));
        return operations;
    }

    private JsonNode resolve(JsonNode reference) {
        return at(reference.get("$ref").asText());
    }

    /** In this file, or in one that the server has beside it. */
    private JsonNode at(String reference) {
        String[] parts = reference.split("#", 2);
        try {
            return (parts[0].isEmpty() ? file : yaml(send("GET", "/" + parts[0], "").body())).at(parts[1]);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(reference, e);
        }
    }

    private static List<String> faults(JsonNode schema, JsonNode value) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(schema)
                .validate(value, context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
                .stream().map(Error::toString).toList();
    }

    private static JsonNode yaml(String text) throws IOException {
        return new YAMLMapper().readTree(text);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path))
                .timeout(Duration.ofSeconds(60));
    }

    private HttpResponse<String> send(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path).method(method, BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }
}
