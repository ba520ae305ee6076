package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.kafka.ReadCommitted;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker as the outside sees it: real Kafka, PostgreSQL and Docker. */
final class WorkerIT {
    private static final String IMAGE = "dockworker-worker-it:1";
    private static final String STRANGER = "worker-it-stranger";

    @TempDir
    private static Path directory;
    private static TestImage image;
    private static Upstream upstream;
    private static Worker worker;

    @BeforeAll
    static void start() throws Exception {
        image = new TestImage(IMAGE);
        upstream = new Upstream("worker-it.");
        worker = Upstream.worker(upstream.flags(directory, "worker-it"));
    }

    @AfterAll
    static void stop() throws Exception {
        worker.close();
        upstream.close();
        for (String filter : List.of("label=managed-by=" + IMAGE, "name=" + STRANGER)) {
            for (String id : Upstream.docker("ps", "-aq", "--filter", filter).lines().toList()) {
                Upstream.docker("rm", "-f", id);
            }
        }
        image.close();
    }

    @Test
    void aContainerLivesItsLifeByMessage() throws Exception {
        upstream.send("life", create("life", "life-1", """
                "env":{"A":"b"},"ports":{"80/tcp":0},"resources":{"cpu_limit":"500m","memory_limit":"64m"}"""));
        JsonNode created = succeeded("life-1");
        JsonNode container = created.path("containers").path(0);
        assertTrue(container.path("ports").path("80/tcp").path(0).path("host_port").asInt() > 0, created::toString);
        assertEquals("[A=b] 500000000 67108864 worker-it", Upstream.docker("inspect", "-f",
                "[{{index .Config.Env 0}}] {{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} "
                        + "{{index .Config.Labels \"io.dockworker.host\"}}",
                "life"));
        String id = container.path("id").asText();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> upstream.values("health").stream()
                .anyMatch(sample -> sample.path("container_id").asText().equals(id)));

        upstream.send("life", "{\"id\":\"life-2\",\"type\":\"stop\",\"target\":\"life\",\"stop_grace_period\":\"1s\"}");
        upstream.send("life", "{\"id\":\"life-3\",\"type\":\"start\",\"target\":\"" + id.substring(0, 12) + "\"}");
        upstream.send("life", "{\"id\":\"life-4\",\"type\":\"delete\",\"target\":\"" + id + "\"}");
        succeeded("life-2");
        succeeded("life-3");
        JsonNode removed = succeeded("life-4").path("containers").path(0);
        assertEquals("removed {}", removed.path("state").asText() + " " + removed.path("ports"));

        List<String> events = upstream.values("events").stream()
                .filter(event -> event.path("container_id").asText().equals(id))
                .map(event -> event.path("type").asText()).toList();
        assertEquals(List.of("create", "start", "stop", "start", "remove"), events);
        assertEquals("", Upstream.docker("ps", "-aq", "--filter", "id=" + id));
    }

    @Test
    void severalContainersShareOneResultAndAnImageNamesThemAll() {
        upstream.send("crowd",
                create("crowd", "crowd-1", "\"count\":3,\"network_mode\":\"none\",\"labels\":{\"a\":\"b\"}"));
        assertEquals(3, succeeded("crowd-1").path("containers").size());
        upstream.send("crowd", "{\"id\":\"crowd-2\",\"type\":\"stop\",\"image\":\"no-such-image\"}");
        assertEquals(false, succeeded("crowd-2").path("changed").asBoolean());
        for (int i = 1; i <= 3; i++) {
            upstream.send("crowd",
                    "{\"id\":\"crowd-rm-" + i + "\",\"type\":\"remove\",\"target\":\"crowd-" + i + "\"}");
            succeeded("crowd-rm-" + i);
        }
    }

    @Test
    void whatCannotBeDoneSaysWhyAndHarmsNobody() throws Exception {
        Upstream.docker("run", "-d", "--name", STRANGER, "--network", "none", IMAGE);
        upstream.send("bad", "{\"id\":\"bad-1\",\"type\":\"create\",\"image\":\"x\",\"resources\":{\"cpu_limitt\":1}}");
        upstream.send("bad", "{\"id\":\"bad-2\",\"type\":\"stop\",\"target\":\"nobody-there\"}");
        upstream.send("bad", "{\"id\":\"bad-3\",\"type\":\"remove\",\"target\":\"" + STRANGER + "\"}");
        upstream.send("bad", "{\"id\":\"bad-4\",\"type\":\"create\",\"image\":\"" + IMAGE + "\",\"name\":\"" + STRANGER
                + "\",\"pull_policy\":\"never\"}");
        upstream.send("bad",
                "{\"id\":\"bad-5\",\"type\":\"create\",\"image\":\"not-there:1\",\"pull_policy\":\"never\"}");
        // Behind a create that fails there is nothing to remove.
        upstream.send("bad", "{\"id\":\"bad-6\",\"type\":\"create\",\"image\":\"not-there:1\",\"name\":\"doomed\","
                + "\"pull_policy\":\"never\"}");
        upstream.send("bad", "{\"id\":\"bad-7\",\"type\":\"remove\",\"target\":\"doomed\"}");
        upstream.send("bad", "not a command");

        assertFailure("bad-1", "rejected", "INVALID_COMMAND", "/resources/cpu_limitt");
        assertFailure("bad-2", "failed", "NOT_FOUND", "/target");
        assertFailure("bad-7", "failed", "NOT_FOUND", "/target");
        assertFailure("bad-3", "rejected", "NOT_MANAGED", "/target");
        assertFailure("bad-4", "failed", "NAME_CONFLICT", "/name");
        assertEquals("IMAGE_NOT_FOUND", upstream.result("bad-5").path("error").path("code").asText());
        assertEquals("running", Upstream.docker("inspect", "-f", "{{.State.Status}}", STRANGER));
        Awaitility.await().until(() -> metrics().contains("dockworker_dead_letters_total{code=\"NOT_JSON\"} 1.0"));
        assertTrue(metrics().contains("dockworker_commands_total{status=\"rejected\",type=\"create\"} 1.0"),
                "rejections count");
        assertTrue(metrics().contains("dockworker_command_gaps_total 0.0"), "nothing was lost");
    }

    @Test
    void whoWaitsForAPullKeepsNobodyElseWaiting() throws Exception {
        upstream.send("patient", create("patient", "patient-1", "\"network_mode\":\"none\""));
        succeeded("patient-1");
        try (var mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            upstream.send("waiting", """
                    {"id":"waiting-1","type":"create","image":"127.0.0.1:%d/mute:1","name":"waiting","count":1000,
                     "deadline_seconds":15}""".formatted(mute.getLocalPort()));
            upstream.send("late", create("late", "late-1", "\"network_mode\":\"none\""));
            upstream.send("patient", "{\"id\":\"patient-2\",\"type\":\"remove\",\"target\":\"patient\"}");
            upstream.send("late", "{\"id\":\"late-2\",\"type\":\"remove\",\"target\":\"late\"}");
            succeeded("patient-2");
            succeeded("late-1");
            succeeded("late-2");
            assertTrue(upstream.results("waiting-1").isEmpty(), "it still waits");
        }
        assertEquals(1000, upstream.result("waiting-1").path("containers_total").asInt(1000));
    }

    @Test
    void aCommandMayComeInEachOfTheThreeFormsAndIsOneCommand() throws Exception {
        String fields = """
                "image":"%s","name":"forms","pull_policy":"never","network_mode":"none\"""".formatted(IMAGE);
        Map<String, String> binary = Map.of("ce_id", "forms-1", "ce_type", "io.dockworker.command.create.v1",
                "ce_correlationid", "forms");
        Map<String, String> structured = Map.of("content-type", "application/cloudevents+json");
        upstream.send("forms", binary, "{" + fields + "}");
        upstream.send("forms", structured, """
                {"specversion":"1.0","id":"forms-1","type":"io.dockworker.command.create","data":{%s}}"""
                .formatted(fields));
        upstream.send("forms", "{\"id\":\"forms-1\",\"type\":\"create\"," + fields + "}");
        upstream.send("forms", structured,
                """
                        {"specversion":"1.0","id":"forms-2","type":"io.dockworker.command.remove","data":{"target":"forms"}}""");
        upstream.send("forms", Map.of("ce_id", "forms-3"), "{\"target\":\"forms\"}");
        succeeded("forms-1");
        succeeded("forms-2");
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> upstream.seen("commands.dlq").stream()
                .anyMatch(letter -> "forms-3".equals(letter.headers().get("ce_id"))));

        ReadCommitted.Seen letter = upstream.seen("commands.dlq").stream()
                .filter(one -> "forms-3".equals(one.headers().get("ce_id"))).findFirst().orElseThrow();
        assertEquals("NOT_A_COMMAND", letter.headers().get("dockworker_error_code"));
        assertTrue(letter.headers().get("__dlq.errors.message").contains("`ce_type` is missing"), letter::toString);
        assertEquals(1, upstream.results("forms-1").size(), "sent again in another form, it is the same command");
        assertTrue(upstream.seen("results").stream().anyMatch(result -> "forms".equals(
                result.headers().get("ce_correlationid"))), "what follows a command is passed on");
        assertTrue(upstream.seen("commands.dlq").stream().noneMatch(
                one -> "ID_REUSED".equals(one.headers().get("dockworker_error_code"))));
        for (String topic : List.of("events", "state", "hosts")) {
            assertFalse(upstream.seen(topic).isEmpty(), topic);
        }
    }

    @Test
    void theOriginalSystemsEndpointsWork() throws Exception {
        String path = "/containers/" + IMAGE;
        HttpResponse<String> accepted = http("POST", path + "/start", "{\"count\": 1, \"pull_policy\": \"never\"}");
        assertEquals(202, accepted.statusCode(), accepted.body());
        String id = new ObjectMapper().readTree(accepted.body()).path("command_id").asText();
        String container = succeeded(id).path("containers").path(0).path("id").asText();

        assertTrue(http("GET", path + "/instances", "").body().contains(container));
        HttpResponse<String> health = http("GET", "/containers/instances/" + container + "/health", "");
        assertEquals(200, health.statusCode(), health.body());
        JsonNode sample = new ObjectMapper().readTree(health.body());
        for (String field : List.of("cpu_usage", "memory_usage", "disk_usage", "status")) {
            assertTrue(sample.has(field), health.body());
        }
        assertEquals(200, http("GET", "/health/ready", "").statusCode());
        assertEquals(200, http("GET", "/health/live", "").statusCode());
        for (String meter : List.of("dockworker_commands_total", "dockworker_command_duration_seconds",
                "dockworker_engine_call_duration_seconds", "dockworker_inbox_messages", "dockworker_outbox_messages",
                "dockworker_dependency_up", "dockworker_containers", "dockworker_sweep_duration_seconds", "jvm_memory",
                "hikaricp_connections")) {
            assertTrue(metrics().contains(meter), meter);
        }
        upstream.send("http", "{\"id\":\"http-rm\",\"type\":\"remove\",\"target\":\"" + container + "\"}");
        succeeded("http-rm");
    }

    private static String create(String name, String id, String more) {
        return """
                {"id":"%s","type":"create","image":"%s","name":"%s","pull_policy":"never",%s}""".formatted(id, IMAGE,
                name, more);
    }

    private static JsonNode succeeded(String id) {
        JsonNode result = upstream.result(id);
        assertEquals("succeeded", result.path("status").asText(), result::toString);
        return result;
    }

    private static void assertFailure(String id, String status, String code, String field) {
        JsonNode result = upstream.result(id);
        assertEquals(List.of(status, code, field), List.of(result.path("status").asText(),
                result.path("error").path("code").asText(), result.path("error").path("field").asText()),
                result::toString);
    }

    private static String metrics() throws Exception {
        return http("GET", "/metrics", "").body();
    }

    private static HttpResponse<String> http(String method, String path, String body) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + worker.httpPort() + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() < 300) {
            Coverage.sawRequest(method, path);
        }
        return response;
    }
}
