package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP interface of a worker on real Kafka, PostgreSQL and Docker. */
final class HttpIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String IMAGE = "dockworker-http-it:1";
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;
    private static TestImage image;
    private static Upstream upstream;
    private static Worker worker;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        image = new TestImage(IMAGE);
        upstream = new Upstream("http-it.");
        worker = Upstream.worker(upstream.flags(directory, "http-it"));
        client = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() throws Exception {
        client.shutdownNow();
        worker.close();
        upstream.close();
        image.close();
    }

    @Test
    void aContainerLivesItsLifeByRequestsThatWait() throws Exception {
        JsonNode created = create("life", "");
        String id = created.at("/containers/0/id").asText();
        assertEquals(created, upstream.result(created.get("command_id").asText()), "the result as it is published");
        assertEquals(created, json(get("/commands/" + created.get("command_id").asText())).get("result"));

        String path = "/containers/instances/life";
        for (String change : List.of("pause", "unpause", "restart?stop_grace_period=0s", "kill?signal=9", "start",
                "stop?stop_grace_period=0s&signal=KILL")) {
            JsonNode result = json(send("POST", path + "/" + change, "", "Prefer", "wait=60"));
            assertEquals("succeeded", result.path("status").asText(), change + ": " + result);
            assertEquals(id, result.at("/containers/0/id").asText());
        }
        assertEquals("exited", json(get(path)).get("state").asText());
        // The start that follows a kill at once hides its end from all but those who listen.
        Awaitility.await().atMost(LONG)
                .until(() -> StreamSupport.stream(json(get(path + "/events")).spliterator(), false)
                        .anyMatch(event -> event.path("type").asText().equals("die")
                                && event.path("cause").asText().equals("command")
                                && event.path("exit_code").asInt() == 137));
        JsonNode samples = Awaitility.await().atMost(LONG).until(() -> json(get(path + "/health/history")),
                some -> !some.isEmpty());
        for (String list : List.of("/events", path + "/health/history")) {
            assertEquals(200,
                    get(list + "?since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59.999999999Z").statusCode(),
                    "the database knows what is let through");
        }
        assertEquals(id, samples.at("/0/container_id").asText(), samples::toString);

        HttpResponse<String> removed = send("DELETE", path + "?volumes=true", "{\"force\":true}", "Prefer", "wait=60");
        assertEquals(200, removed.statusCode(), removed.body());
        assertEquals("wait=60", removed.headers().firstValue("Preference-Applied").orElseThrow());
        assertEquals(404, get(path).statusCode());
        // By its full id, what happened to it is still known: as it was published.
        JsonNode events = json(get("/containers/instances/" + id + "/events"));
        assertEquals("remove", events.at("/0/type").asText());
        Awaitility.await().atMost(LONG).untilAsserted(() -> {
            var published = new TreeSet<String>();
            upstream.values("events").stream().filter(event -> event.path("container_id").asText().equals(id))
                    .forEach(event -> published.add(event.toString()));
            var shown = new TreeSet<String>();
            events.forEach(event -> shown.add(event.toString()));
            assertEquals(published, shown);
        });
    }

    @Test
    void whatCannotBeIsToldBeforeItIsPublished() throws Exception {
        Upstream.docker("run", "-d", "--name", "http-it-stranger", "--network", "none", IMAGE);
        try {
            assertEquals(403, send("POST", "/containers/instances/http-it-stranger/stop", "").statusCode());
            assertEquals(404, send("POST", "/containers/instances/nobody/stop", "").statusCode());
            assertEquals(404,
                    send("POST", "/commands", "{\"type\":\"stop\",\"target\":\"nobody\"}").statusCode());
            assertEquals(400, send("POST", "/commands", "{\"type\":\"stpo\"}").statusCode());
        } finally {
            Upstream.docker("rm", "-f", "http-it-stranger");
        }
        create("removed", "");
        assertEquals(200, send("DELETE", "/containers/instances/removed", "", "Prefer", "wait=60").statusCode());
        create("vanished", "");
        Upstream.docker("rm", "-f", "vanished");
        Awaitility.await().atMost(LONG).until(() -> get("/containers/instances/vanished").statusCode() == 404);
        for (String gone : List.of("removed", "vanished")) {
            assertEquals(404, send("POST", "/containers/instances/" + gone + "/stop", "").statusCode(), gone);
        }
        String body = "{\"type\":\"pull\",\"image\":\"not-there.invalid/x\",\"deadline_seconds\":1}";
        HttpResponse<String> first = send("POST", "/commands", body, "Idempotency-Key", "spent");
        HttpResponse<String> again = send("POST", "/commands", body, "Idempotency-Key", "spent");
        assertEquals(List.of(202, json(first).get("command_id")),
                List.of(again.statusCode(), json(again).get("command_id")));
        // Also once another process would answer, which knows only what is on record.
        Awaitility.await().atMost(LONG).until(
                () -> json(get("/commands/spent")).path("received_at").isTextual());
        Awaitility.await().atMost(LONG).until(() -> json(send("POST", "/commands", body, "Idempotency-Key", "spent"))
                .get("status").textValue().equals("failed"));
        HttpResponse<String> other = send("POST", "/commands", body.replace("x\"", "y\""), "Idempotency-Key", "spent");
        assertEquals(422, other.statusCode(), other.body());
        assertEquals(List.of(), upstream.values("commands.dlq"));
        JsonNode listed = json(get("/commands?status=rejected"));
        listed.forEach(command -> assertEquals("rejected", command.get("status").asText()));
    }

    @Test
    void aCommandForAHostThatNobodyKnowsIsNotPublished() throws Exception {
        String stop = "{\"type\":\"stop\",\"image\":\"no-such-image\",\"host\":\"%s\"}";
        for (HttpResponse<String> refused : List.of(send("POST", "/commands", stop.formatted("nowhere")),
                send("POST", "/containers/" + IMAGE + "/start?host=nowhere", ""))) {
            assertEquals(404, refused.statusCode(), refused.body());
            JsonNode problem = JSON.readTree(refused.body());
            assertEquals(List.of("UNKNOWN_HOST", "/host"),
                    List.of(problem.path("code").asText(), problem.path("field").asText()));
        }
        assertFalse(upstream.values("commands").toString().contains("nowhere"));

        try (var database = new Database(PostgresAddress.parse(upstream.postgresUrl), new SimpleMeterRegistry())) {
            database.jdbi()
                    .useHandle(handle -> handle.execute("insert into hosts (host, engine_id, epoch, heartbeat_at,"
                            + " heartbeat_every) values ('lost', 'gone', 1, now() - interval '1 day', interval '1 second')"));
        }
        for (String known : List.of("lost", "http-it")) {
            JsonNode result = json(send("POST", "/commands", stop.formatted(known), "Prefer", "wait=60"));
            assertEquals("succeeded", result.path("status").asText(), result::toString);
        }
    }

    @Test
    void listsGoOnWhereTheyEndedAlthoughMoreIsAdded() throws Exception {
        JsonNode crowd = create("crowd", "\"count\":3,");
        assertEquals(3, crowd.get("containers").size());
        HttpResponse<String> page = get("/containers?image=" + IMAGE + "&limit=2&host=http-it&status=running");
        assertEquals(List.of("crowd-1", "crowd-2"), names(page));
        create("crow", "");
        page = get(next(page));
        assertEquals(List.of("crowd-3"), names(page));
        assertTrue(page.headers().firstValue("Link").isEmpty());

        var seen = new ArrayList<String>();
        HttpResponse<String> commands = get("/commands?limit=1");
        while (true) {
            json(commands).forEach(command -> seen.add(command.get("command_id").asText()));
            if (commands.headers().firstValue("Link").isEmpty()) {
                break;
            }
            send("POST", "/commands", "{\"type\":\"stop\",\"image\":\"no-such-image\"}", "Prefer", "wait=60");
            commands = get(next(commands));
        }
        assertEquals(seen.size(), new TreeSet<>(seen).size(), seen::toString);
        assertTrue(seen.contains(crowd.get("command_id").asText()), seen::toString);
        assertEquals("http-it", json(get("/hosts")).at("/0/host").asText());
        assertEquals("[]\n", get("/images").body());
        assertTrue(get("/openapi.yaml").body().startsWith("openapi: 3.1"));
        assertTrue(get("/topics/results.yaml").body().startsWith("name: results"));
        assertEquals("start", json(get("/events?type=start&container=crowd-1")).at("/0/type").asText());
        send("POST", "/commands", "{\"type\":\"remove\",\"image\":\"" + IMAGE + "\"}", "Prefer", "wait=60");
    }

    @Test
    void logsFollowUntilTheReaderGoes() throws Exception {
        create("talker", "\"entrypoint\":[\"/bin/sh\",\"-c\",\"echo one; echo two >&2; sleep 1; echo three; "
                + "exec sleep 600\"],");
        Awaitility.await().atMost(LONG).until(
                () -> get("/containers/instances/talker/logs").body().contains("three"));
        String all = get("/containers/instances/talker/logs").body();
        assertEquals(new TreeSet<>(List.of("one", "two", "three")), new TreeSet<>(all.lines().toList()));
        assertEquals("three\n", get("/containers/instances/talker/logs?tail=1").body());
        String stamped = get("/containers/instances/talker/logs?tail=1&timestamps=true").body();
        assertTrue(stamped.matches("[0-9]{4}-[^ ]+Z three\n"), stamped);
        assertEquals("", get("/containers/instances/talker/logs?since=2999-01-01T00:00:00Z").body());

        HttpResponse<java.io.InputStream> following = client.send(
                request("/containers/instances/talker/logs?follow=true&tail=1").build(), BodyHandlers.ofInputStream());
        try (var reader = new BufferedReader(new InputStreamReader(following.body(), StandardCharsets.UTF_8))) {
            assertEquals("three", reader.readLine());
            Upstream.docker("exec", "talker", "/bin/sh", "-c", "echo four > /proc/1/fd/1");
            assertEquals("four", reader.readLine());
            json(send("DELETE", "/containers/instances/talker", "", "Prefer", "wait=60"));
            assertEquals(null, reader.readLine(), "the log ends with its container");
        }
    }

    @Test
    void aStreamIsReadOnFromTheLastEventAlsoAfterTheConnectionWasLost() throws Exception {
        var first = new ArrayList<SentEvents.Sent>();
        String id;
        try (var stream = stream(null)) {
            id = create("streamed", "").at("/containers/0/id").asText();
            // A state is told as it is when it is sent, so not at all of a container that is gone by then.
            stream.until(first, sent -> sent.event().equals("state") && sent.data().path("id").asText().equals(id));
        }
        SentEvents.Sent last = first.getLast();
        // While nobody listens.
        json(send("DELETE", "/containers/instances/streamed", "", "Prefer", "wait=60"));
        var second = new ArrayList<SentEvents.Sent>();
        try (var stream = stream(last.id())) {
            stream.until(second, sent -> sent.event().equals("gone") && sent.data().path("id").asText().equals(id));
        }
        var both = new ArrayList<>(first);
        both.addAll(second);
        assertEquals(List.of("create", "start", "remove"), both.stream()
                .filter(sent -> sent.event().equals("event") && sent.data().path("container_id").asText().equals(id))
                .map(sent -> sent.data().path("type").asText())
                .filter(List.of("create", "start", "remove")::contains).toList());
        assertEquals(1, both.stream().filter(sent -> sent.event().equals("result")
                && sent.data().at("/containers/0/id").asText().equals(id)
                && sent.data().path("type").asText().equals("create")).count());
        assertTrue(both.stream().anyMatch(sent -> sent.event().equals("state")
                && sent.data().path("id").asText().equals(id)), both::toString);
        assertEquals(both.size(), both.stream().map(SentEvents.Sent::id).distinct().count());
    }

    @Test
    void readersThatDoNotReadHarmNobody() throws Exception {
        var stuck = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 40; i++) {
                var socket = new Socket(InetAddress.getLoopbackAddress(), worker.httpPort());
                socket.getOutputStream().write("GET /stream HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 0-0\r\n\r\n"
                        .getBytes(StandardCharsets.UTF_8));
                stuck.add(socket);
            }
            JsonNode result = create("beside", "");
            assertEquals("succeeded", result.get("status").asText());
            assertEquals(200, get("/containers").statusCode());
            json(send("DELETE", "/containers/instances/beside", "", "Prefer", "wait=60"));
        } finally {
            for (Socket socket : stuck) {
                socket.close();
            }
        }
        // Those that went are noticed, so that their places are free for others.
        var open = new ArrayList<SentEvents>();
        try {
            Awaitility.await().atMost(LONG).ignoreExceptionsInstanceOf(AssertionError.class).until(() -> {
                open.add(stream(null));
                return open.size() == 50;
            });
        } finally {
            for (SentEvents stream : open) {
                stream.close();
            }
        }
    }

    /** As pasted, but for the port and the image, which only a machine with a registry could have. */
    @Test
    void theOriginalDocumentsCurlLinesWork() throws Exception {
        String script = """
                # Start container
                curl -X POST http://localhost:8000/containers/nginx:alpine/start \\
                  -d '{"count": 1}'

                # Check health
                curl http://localhost:8000/containers/instances/{id}/health

                # List instances
                curl http://localhost:8000/containers/nginx:alpine/instances
                """;
        Upstream.docker("tag", IMAGE, "nginx:alpine");
        try {
            String[] lines = script.replace("localhost:8000", "localhost:" + worker.httpPort()).split("\n\n", -1);
            JsonNode accepted = shell(lines[0]);
            JsonNode result = upstream.result(accepted.get("command_id").asText());
            assertEquals("succeeded", result.get("status").asText(), result::toString);
            String id = result.at("/containers/0/id").asText();
            JsonNode health = shell(lines[1].replace("{id}", id));
            for (String field : List.of("cpu_usage", "memory_usage", "disk_usage", "status")) {
                assertTrue(health.has(field), health::toString);
            }
            assertEquals(id, shell(lines[2]).at("/0/id").asText());
            json(send("DELETE", "/containers/instances/" + id, "", "Prefer", "wait=60"));
        } finally {
            Upstream.docker("rmi", "nginx:alpine");
        }
    }

    private static JsonNode shell(String lines) throws IOException, InterruptedException {
        Path output = directory.resolve("curl");
        Process process = new ProcessBuilder("bash", "-euc", lines.replace("curl ", "curl -sS "))
                .redirectOutput(output.toFile()).redirectErrorStream(true).start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        String said = Files.readString(output);
        assertEquals(0, process.exitValue(), said);
        return JSON.readTree(said);
    }

    private static JsonNode create(String name, String more) throws Exception {
        JsonNode result = json(send("POST", "/containers/" + IMAGE + "/start",
                "{" + more + "\"name\":\"" + name + "\",\"pull_policy\":\"never\",\"network_mode\":\"none\"}", "Prefer",
                "wait=60"));
        assertEquals("succeeded", result.path("status").asText(), result::toString);
        return result;
    }

    private static List<String> names(HttpResponse<String> page) throws IOException {
        var names = new ArrayList<String>();
        json(page).forEach(container -> names.add(container.get("name").asText()));
        return names;
    }

    private static String next(HttpResponse<String> page) {
        return page.headers().firstValue("Link").orElseThrow().replaceAll("<(.*)>; rel=\"next\"", "$1");
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        assertTrue(response.statusCode() < 300, response.body());
        return JSON.readTree(response.body());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + worker.httpPort() + path)).timeout(LONG);
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return noted("GET", path, client.send(request(path).build(), BodyHandlers.ofString()));
    }

    private static <T> HttpResponse<T> noted(String method, String path, HttpResponse<T> response) {
        if (response.statusCode() < 300) {
            Coverage.sawRequest(method, path);
        }
        return response;
    }

    private static HttpResponse<String> send(String method, String path, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request = request(path).timeout(LONG.plusSeconds(10)).method(method,
                BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return noted(method, path, client.send(request.build(), BodyHandlers.ofString()));
    }

    private static SentEvents stream(String lastEventId) throws Exception {
        HttpRequest.Builder request = request("/stream");
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        return new SentEvents(noted("GET", "/stream", client.send(request.build(), BodyHandlers.ofInputStream())));
    }
}
