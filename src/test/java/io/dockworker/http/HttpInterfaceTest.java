package io.dockworker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.journal.CommandViews;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpInterfaceTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String START = "/containers/nginx:alpine/start";

    private final FakeFleet fleet = new FakeFleet();
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpInterface http;

    @BeforeEach
    void start() throws IOException {
        http = HttpInterface.start(new Listening("127.0.0.1", 0, false, Optional.empty()), fleet.parts());
    }

    @AfterEach
    void stop() {
        http.close();
        client.close();
    }

    /** Byte for byte what the original's curl line sends: no JSON type, but a form's. */
    @Test
    void theOriginalsCurlLineStartsContainers() throws Exception {
        HttpResponse<String> response = client.send(request(START)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("{\"count\": 1}")).build(), BodyHandlers.ofString());

        assertEquals(202, response.statusCode());
        var create = (Command.Create) fleet.published.getFirst();
        assertEquals("nginx:alpine", create.spec().image().given());
        assertEquals(1, create.count());
        assertEquals("{\"command_id\":\"" + create.id() + "\",\"status\":\"accepted\"}\n", response.body());
        assertEquals("/commands/" + create.id(), response.headers().firstValue("Location").orElseThrow());
        UUID id = UUID.fromString(create.id().value());
        assertEquals(7, id.version());
        assertEquals(2, id.variant());
        assertEquals(FakeFleet.NOW.toEpochMilli(), id.getMostSignificantBits() >>> 16);
    }

    @Test
    void anImageMayHoldSlashesATagAndADigest() throws Exception {
        String digest = "@sha256:" + "0a".repeat(32);
        assertEquals(202, post("/containers/ghcr.io:443/acme/web:1.2" + digest + "/start", "").statusCode());
        assertEquals(202, post("/containers/ghcr.io%2Facme%2Fweb%3A1/start", "").statusCode());
        assertEquals(List.of("ghcr.io:443/acme/web:1.2" + digest, "ghcr.io/acme/web:1"), fleet.published.stream()
                .map(command -> ((Command.Create) command).spec().image().given()).toList());
    }

    @Test
    void instancesAreListedByTheImagesNormalForm() throws Exception {
        String id = fleet.add("a", "web-1", "nginx:alpine").container().id().value();
        fleet.add("b", "other", "redis");

        HttpResponse<String> response = get("/containers/docker.io/library/nginx:alpine/instances");
        assertEquals("application/json", response.headers().firstValue("Content-Type").orElseThrow());
        JsonNode list = JSON.readTree(response.body());
        assertEquals(1, list.size());
        assertEquals(id, list.get(0).get("id").textValue());
        assertEquals("host-a", list.get(0).get("host").textValue());
        assertEquals("running", list.get(0).get("state").textValue());
        assertEquals(32768, list.get(0).at("/ports/80~1tcp/0/host_port").intValue());
        assertEquals("[]\n", get("/containers/absent/instances").body());
    }

    @Test
    void healthIsFoundByNameAndIdAndDoubtIsSaid() throws Exception {
        String id = fleet.add("a", "web-1", "nginx:alpine").container().id().value();
        for (String reference : List.of(id, "web-1")) {
            JsonNode sample = JSON.readTree(get("/containers/instances/" + reference + "/health").body());
            assertEquals(List.of("25.5", "45.2", "67.8", "healthy"),
                    Stream.of("cpu_usage", "memory_usage", "disk_usage", "status")
                            .map(field -> sample.get(field).asText()).toList());
        }

        assertProblem(404, "NOT_FOUND", get("/containers/instances/absent/health"));
        assertEquals(400, get("/containers/instances/%00/health").statusCode(), "no database can be asked for that");
        fleet.add("a", "web-2", "nginx:alpine");
        assertProblem(400, "AMBIGUOUS_TARGET", get("/containers/instances/aaaaaaaaaaaa/health"));
    }

    @Test
    void aPathUnderInstancesNeverNamesAnImage() throws Exception {
        assertProblem(404, "NOT_FOUND", post("/containers/instances/web/start", ""));
        assertEquals(404, get("/containers/instances/instances").statusCode());
        assertTrue(fleet.published.isEmpty());
    }

    @Test
    void badInputIsToldBeforeAnythingIsPublished() throws Exception {
        JsonNode unknownField = assertProblem(400, "INVALID_COMMAND", post(START, "{\"cuont\":1}"));
        assertEquals("/cuont", unknownField.get("field").textValue());
        assertProblem(400, "INVALID_COMMAND", post("/containers/NGINX:alpine:x/start", ""));
        assertProblem(400, "INVALID_COMMAND", send(request(START).header("Idempotency-Key", "a b").POST(
                BodyPublishers.noBody())));
        assertProblem(413, null, post(START, " ".repeat(Request.MAX_BODY_BYTES + 1)));
        assertProblem(404, null, get("/nothing"));
        HttpResponse<String> wrongMethod = send(request(START).DELETE());
        assertProblem(405, null, wrongMethod);
        assertEquals("POST", wrongMethod.headers().firstValue("Allow").orElseThrow());
        assertTrue(fleet.published.isEmpty());
    }

    @Test
    void theIdempotencyKeyIsTheCommandsIdAndRunsOnce() throws Exception {
        var bodies = new ArrayList<String>();
        for (String key : List.of("order-17", "\"order-17\"")) {
            HttpResponse<String> answer = send(
                    request(START).header("Idempotency-Key", key).POST(BodyPublishers.noBody()));
            assertEquals(202, answer.statusCode());
            bodies.add(answer.body());
        }
        assertEquals(bodies.get(0), bodies.get(1));
        assertEquals(List.of(new CommandId("order-17")), fleet.published.stream().map(Command::id).toList());
        JsonNode spent = assertProblem(422, "ID_REUSED", send(
                request(START).header("Idempotency-Key", "order-17").POST(BodyPublishers.ofString("{\"count\":2}"))));
        assertEquals("/id", spent.get("field").textValue());
        // Whoever remembers it: the records know older ids than this process.
        fleet.record(fleet.published.getFirst(), CommandViews.Progress.ENDED);
        assertProblem(422, "ID_REUSED",
                post("/commands", "{\"id\":\"order-17\",\"type\":\"stop\",\"image\":\"nginx\"}"));
        assertEquals(1, fleet.published.size());
    }

    @Test
    void aRepeatedRequestIsToldHowFarItsCommandHasCome() throws Exception {
        HttpRequest.Builder request = request(START).header("Idempotency-Key", "order-17");
        HttpRequest.Builder waiting = request.copy().header("Prefer", "wait=0");
        assertEquals("202 accepted", statuses(request));
        for (CommandViews.Progress progress : List.of(CommandViews.Progress.ACCEPTED,
                CommandViews.Progress.EXECUTING)) {
            fleet.record(fleet.published.getFirst(), progress);
            String word = "202 " + progress.name().toLowerCase(Locale.ROOT);
            assertEquals(List.of(word, word), List.of(statuses(request), statuses(waiting)));
        }
        fleet.record(fleet.published.getFirst(), CommandViews.Progress.ENDED);
        assertEquals("202 succeeded", statuses(request), "who does not wait is not given the result");
        assertEquals("200 succeeded", statuses(waiting), "it is there");
        assertEquals(1, fleet.published.size());
    }

    private String statuses(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(request.copy().POST(BodyPublishers.noBody()));
        return answer.statusCode() + " " + JSON.readTree(answer.body()).get("status").textValue();
    }

    @Test
    void aChangeOfOneContainerIsACommandWithItsFieldsFromBodyAndQuery() throws Exception {
        String id = fleet.add("a", "web-1", "nginx:alpine").container().id().value();
        fleet.strangers.add("stranger");
        String path = "/containers/instances/" + id;
        assertEquals(202, post(path + "/stop?signal=9", "{\"stop_grace_period\":\"5s\"}").statusCode());
        assertEquals(202, send(request("/containers/instances/web-1?force=false&volumes=true").DELETE()).statusCode());
        var stop = (Command.Stop) fleet.published.get(0);
        assertEquals(Optional.of(Duration.ofSeconds(5)), stop.gracePeriod());
        var remove = (Command.Remove) fleet.published.get(1);
        assertTrue(remove.volumes() && !remove.force());
        // In whatever way it was named: its commands have one key, and so one order.
        assertEquals(List.of("web-1", "web-1"), fleet.keys);

        assertProblem(403, "NOT_MANAGED", post("/containers/instances/stranger/stop", ""));
        assertProblem(404, "NOT_FOUND", post("/commands", "{\"type\":\"stop\",\"target\":\"nobody\"}"));
        JsonNode typo = assertProblem(400, "INVALID_COMMAND", post(path + "/stop?signall=9", ""));
        assertTrue(typo.get("detail").textValue().contains("did you mean `signal`?"), typo::toString);
        assertProblem(400, "INVALID_COMMAND", post(path + "/stop", "{\"target\":\"other\"}"));
        assertEquals(2, fleet.published.size());
        // What a create has taken may be used before there is a container.
        assertEquals(202,
                post("/commands", "{\"type\":\"create\",\"image\":\"a\",\"name\":\"young\"}").statusCode());
        assertEquals(202, post("/containers/instances/young/stop", "").statusCode());
        assertEquals(202, post("/containers/instances/accepted-name/stop", "").statusCode());
    }

    @Test
    void whoPrefersToWaitGetsTheResultOrHearsThatTheTimeIsUp() throws Exception {
        HttpResponse<String> timeUp = send(
                request(START).header("Prefer", "respond-async, wait=0").POST(BodyPublishers.noBody()));
        assertEquals(202, timeUp.statusCode());
        assertEquals("wait=0", timeUp.headers().firstValue("Preference-Applied").orElseThrow());
        fleet.executes = true;
        HttpResponse<String> ended = send(request(START).header("Prefer", "wait=1000").POST(BodyPublishers.noBody()));
        assertEquals(200, ended.statusCode());
        assertEquals("wait=60", ended.headers().firstValue("Preference-Applied").orElseThrow());
        JsonNode result = JSON.readTree(ended.body());
        assertEquals("succeeded", result.get("status").textValue());
        assertEquals(result,
                JSON.readTree(get("/commands/" + result.get("command_id").textValue()).body()).get("result"));
        HttpResponse<String> nonsense = send(
                request(START).header("Prefer", "wait=soon").POST(BodyPublishers.noBody()));
        assertEquals(202, nonsense.statusCode());
        assertTrue(nonsense.headers().firstValue("Preference-Applied").isEmpty());
    }

    @Test
    void listsGoOnByALinkAndRefuseWhatTheyDoNotKnow() throws Exception {
        for (int i = 1; i <= 5; i++) {
            fleet.add(Integer.toString(i), "web-" + i, "nginx:alpine");
        }
        String path = "/containers?status=running&limit=2";
        var names = new ArrayList<String>();
        while (path != null) {
            HttpResponse<String> page = get(path);
            JSON.readTree(page.body()).forEach(container -> names.add(container.get("name").textValue()));
            // It stands before all that was read: it neither shifts nor repeats anything.
            fleet.add("f", "aaa-" + names.size(), "nginx:alpine");
            path = page.headers().firstValue("Link").map(link -> link.replaceAll("<(.*)>; rel=\"next\"", "$1"))
                    .orElse(null);
        }
        assertEquals(List.of("web-1", "web-2", "web-3", "web-4", "web-5"), names);
        for (String wrong : List.of("limit=0", "limit=x", "limit=1001", "cursor=x", "cursor=%ff", "status=runing",
                "limti=1", "limit=1&limit=2")) {
            assertProblem(400, "INVALID_COMMAND", get("/containers?" + wrong));
        }
        assertProblem(400, "INVALID_COMMAND", get("/commands?status=done"));
        assertProblem(400, "INVALID_COMMAND", get("/events?since=yesterday"));
        String instance = "/containers/instances/web-1";
        for (String unstorable : List.of("/events?since=%2B999999-01-01T00:00:00Z",
                "/events?until=0000-12-31T23:59:59Z", instance + "/health/history?since=-0001-01-01T00:00:00Z",
                instance + "/logs?since=9999-12-31T23:59:59-00:01", "/containers?cursor=" + cursor("a\0", "b"),
                "/hosts?cursor=" + cursor("\0"), "/events?cursor=" + cursor("+999999-01-01T00:00:00Z", "id"),
                "/commands?cursor=" + cursor("+10000-01-01T00:00:00Z", "id"),
                instance + "/health/history?cursor=" + cursor("-0001-01-01T00:00:00Z"))) {
            JsonNode refused = assertProblem(400, "INVALID_COMMAND", get(unstorable));
            assertEquals(unstorable.replaceFirst(".*[?](.*?)=.*", "/$1"), refused.get("field").textValue());
        }
        assertEquals(200, get("/events?since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z").statusCode());
        assertProblem(400, "INVALID_COMMAND", send(request("/stream").header("Last-Event-ID", "x").GET()));
    }

    @Test
    void whatIsAwayIsSaidAsSuch() throws Exception {
        fleet.kafkaAway = true;
        JsonNode problem = assertProblem(503, null,
                send(request(START).header("Idempotency-Key", "k1").POST(BodyPublishers.noBody())));
        assertTrue(problem.get("detail").textValue().contains("Idempotency-Key: k1"));
        fleet.recordsAway = true;
        assertProblem(503, null, get("/containers/nginx/instances"));
        assertProblem(503, null, get("/containers/instances/web-1/health"));
    }

    @Test
    void monitorsGetMetricsAndReadiness() throws Exception {
        HttpResponse<String> scrape = get("/metrics");
        assertEquals(fleet.metrics, scrape.body());
        assertEquals("text/plain; version=0.0.4; charset=utf-8",
                scrape.headers().firstValue("Content-Type").orElseThrow());
        assertEquals(200, get("/health/live").statusCode());
        assertEquals(200, get("/health/ready").statusCode());

        fleet.readiness = new Readiness(Readiness.State.NOT_READY,
                List.of(new Readiness.Dependency("kafka", false, "no broker answers")),
                List.of("dockworker.commands-0: 3 records are gone"));
        HttpResponse<String> notReady = get("/health/ready");
        assertEquals(503, notReady.statusCode());
        assertEquals("{\"status\":\"not_ready\","
                + "\"dependencies\":[{\"name\":\"kafka\",\"up\":false,\"detail\":\"no broker answers\"}],"
                + "\"gaps\":[\"dockworker.commands-0: 3 records are gone\"]}\n", notReady.body());
        assertEquals(200, get("/health/live").statusCode());
    }

    @Test
    void headIsGetWithoutTheBody() throws Exception {
        HttpResponse<String> head = send(request("/metrics").HEAD());
        assertEquals(200, head.statusCode());
        assertEquals(fleet.metrics.length(), head.headers().firstValueAsLong("Content-Length").orElseThrow());
    }

    @Test
    void clientsThatAreStuckHinderNobody() throws Exception {
        fleet.metrics = "m 1\n".repeat(500_000);
        var stuck = new ArrayList<RawRequest>();
        try {
            for (int i = 0; i < 40; i++) {
                stuck.add(new RawRequest(http.port(), "POST " + START + " HTT"));
                stuck.add(new RawRequest(http.port(),
                        "POST " + START + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"cou"));
                // Asks for two megabytes and reads none of them.
                stuck.add(new RawRequest(http.port(), "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            }
            for (int i = 0; i < 20; i++) {
                assertEquals(200, get("/health/live").statusCode());
                assertEquals(202, post(START, "").statusCode());
            }
            assertEquals(20, fleet.published.size());
        } finally {
            for (RawRequest request : stuck) {
                request.close();
            }
        }
    }

    @Test
    void aTakenPortIsAFaultUnlessAnotherWillDo() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            BindException fault = assertThrows(BindException.class, () -> HttpInterface
                    .start(new Listening("127.0.0.1", port, false, Optional.empty()), fleet.parts()));
            assertTrue(fault.getMessage().contains("127.0.0.1:" + port));
            try (HttpInterface moved = HttpInterface
                    .start(new Listening("127.0.0.1", port, true, Optional.empty()), fleet.parts())) {
                assertTrue(moved.port() > port);
                assertEquals(200, RawRequest.status(moved.port(), "GET", "/health/live", "Host: localhost"));
            }
        }
    }

    private static String cursor(String... place) {
        return Base64.getUrlEncoder().encodeToString(String.join("\n", place).getBytes(StandardCharsets.UTF_8));
    }

    /** Told to those who look for it. */
    @Test
    void itsUrlIsOfWhatItListensAt() throws Exception {
        try (HttpInterface other = HttpInterface.start(new Listening("127.0.0.2", 0, false, Optional.empty()),
                fleet.parts())) {
            URI live = URI.create(other.url() + "/health/ready");
            assertEquals("127.0.0.2", live.getHost());
            assertEquals(200, send(HttpRequest.newBuilder(live).GET()).statusCode());
        }
        var urls = new ArrayList<String>();
        for (String told : List.of("0.0.0.0", "::", "::1", "[::1]", "localhost")) {
            urls.add(HttpInterface.url(told, new InetSocketAddress(told, 8001)));
        }
        assertEquals(List.of("http://127.0.0.1:8001", "http://127.0.0.1:8001", "http://[::1]:8001",
                "http://[::1]:8001", "http://localhost:8001"), urls);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path))
                .timeout(Duration.ofSeconds(10));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path).POST(BodyPublishers.ofString(body)));
    }

    private static JsonNode assertProblem(int status, String code, HttpResponse<String> response) throws IOException {
        assertEquals(status, response.statusCode(), response.body());
        assertEquals("application/problem+json", response.headers().firstValue("Content-Type").orElseThrow());
        JsonNode problem = JSON.readTree(response.body());
        assertEquals(status, problem.get("status").intValue());
        for (String member : List.of("type", "title", "detail")) {
            assertTrue(problem.hasNonNull(member), response.body());
        }
        assertEquals(code, problem.path("code").textValue());
        return problem;
    }
}
