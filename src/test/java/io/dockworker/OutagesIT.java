package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.command.ImageName;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.LocalImage;
import io.dockworker.docker.SecondEngine;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.dockworker.standalone.TestBroker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker whose Docker, PostgreSQL or Kafka is away: at its start, in the middle of work, and at its end. */
final class OutagesIT {
    private static final String IMAGE = "dockworker-outages-it:1";
    private static final Duration LONG = Duration.ofSeconds(60);
    /** More than any call waits for its answer: what has no result by then has none to come. */
    private static final Duration GIVEN_UP = Duration.ofMinutes(4);
    /** What fills while one is away. Without PostgreSQL nobody can count. */
    private static final Map<String, String> FILLS = Map.of("docker", "inbox", "kafka", "outbox");
    private static final Set<String> SENT = new HashSet<>();

    private static final Opened OPENED = new Opened();
    private static LogTail log;

    @TempDir
    private static Path directory;
    private static SecondEngine engine;
    private static TestBroker kafka;
    private static Way docker;
    private static Way postgres;
    private static Upstream upstream;
    private static List<String> flags;
    private static int rounds;

    @BeforeAll
    static void start() throws Exception {
        log = OPENED.own(new LogTail("io.dockworker"));
        engine = OPENED.own(new SecondEngine(Files.createDirectory(directory.resolve("engine")), List.of()));
        try (DockerEngine images = DockerEngine.connect(engine.local(), new SimpleMeterRegistry())) {
            LocalImage.build(images, new ImageName(IMAGE));
        }
        kafka = OPENED.own(new TestBroker(directory.resolve("kafka")));
        kafka.start();
        upstream = OPENED.own(new Upstream("outages-it.", kafka.bootstrapServers()));
        docker = OPENED.own(Way.at(directory.resolve("docker.sock"),
                UnixDomainSocketAddress.of(engine.local().host().getPath())));
        URI database = URI.create(upstream.postgresUrl);
        postgres = OPENED.own(
                Way.onAnyPort(new InetSocketAddress(InetAddress.getLoopbackAddress(), database.getPort())));
        flags = new ArrayList<>(upstream.flags(directory.resolve("lock"), "outages-it"));
        flags.removeIf(flag -> flag.startsWith("--postgres-url="));
        flags.add("--postgres-url=" + upstream.postgresUrl.replace(":" + database.getPort(), ":" + postgres.port()));
        flags.add("--docker-host=unix://" + directory.resolve("docker.sock"));
    }

    @AfterAll
    static void stop() throws Exception {
        OPENED.close();
    }

    @Test
    void eachThatGoesAwayIsSaidOnceAndComesBackByItself() throws Exception {
        try (Worker worker = worker(0)) {
            String id = sleeper("lives-on");
            String pid = Upstream.docker("-H", engine.local().host().toString(), "inspect", "-f", "{{.State.Pid}}",
                    sleeper("dies-meanwhile"));
            goesAndComes(worker, "docker", () -> {
                engine.kill();
                ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
            }, engine::start);
            assertTrue(new Scrapes(worker.httpPort())
                    .value("dockworker_health_samples_total{outcome=\"unreadable\"}") >= 1);
            // A start that an engine is killed in the middle of is one that nobody knows of, the engine included: it
            // cannot start that container any more, and says so in words of its own.
            List<JsonNode> ends = ends();
            ends.removeIf(end -> end.path("type").asText().equals("create")
                    && Set.of("OUTCOME_UNKNOWN", "ENGINE_ERROR").contains(end.at("/containers/0/error/code").asText()));
            ends.forEach(end -> assertEquals("succeeded", end.path("status").asText(), end::toString));
            assertTrue(ends.size() > SENT.size() / 2, ends::toString);
            // An engine that comes back ends what it finds.
            Awaitility.await().atMost(LONG).until(
                    () -> upstream.latest("state").get(id).orElseThrow().path("state").asText().equals("exited"));
            assertEquals(List.of("create command", "start command"), events(id).subList(0, 2), events(id)::toString);
            assertEquals(1, events(id).stream().filter(told -> told.startsWith("die ")).count(), events(id)::toString);
            goesAndComes(worker, "postgres", postgres::cut, postgres::mend);
            assertAllSucceeded();
            goesAndComes(worker, "kafka", kafka::close, kafka::start);
            assertAllSucceeded();
        }
    }

    /**
     * Its program ignores SIGTERM, and an engine that comes back waits for it as long as it may: no longer than this
     * test needs.
     *
     * @return the id of a container that a command made
     */
    private static String sleeper(String name) {
        upstream.send(name, """
                {"id":"%s","type":"create","image":"%s","name":"%s","pull_policy":"never","stop_grace_period":"1s",
                 "network_mode":"none","command":["sleep","600"]}""".formatted(name, IMAGE, name));
        return upstream.result(name).at("/containers/0/id").asText();
    }

    private interface Step {
        void run() throws IOException;
    }

    /** It goes away in the middle of work, of which each command has one result in the end. */
    private static void goesAndComes(Worker worker, String name, Step away, Step back) throws Exception {
        var metrics = new Scrapes(worker.httpPort());
        String up = "dockworker_dependency_up{name=\"" + name + "\"}";
        List<String> filling = Stream.ofNullable(FILLS.get(name)).flatMap(box -> Stream.of("messages",
                "oldest_age_seconds").map(what -> "dockworker_" + box + "_" + what)).toList();
        log.clear();
        SENT.clear();
        for (int i = 0; i < 12; i++) {
            SENT.addAll(lifeOf("round-" + rounds + "-" + i));
        }
        rounds++;
        Awaitility.await().atMost(LONG).until(() -> !results().isEmpty());
        assertTrue(results().size() < SENT.size(), "it goes away in the middle of the work");
        away.run();
        try {
            Awaitility.await().atMost(LONG).until(() -> readiness(worker.httpPort()).contains(name));
            assertEquals(200, get(worker.httpPort(), "/health/live").statusCode());
            Awaitility.await().atMost(LONG).until(metrics::look, now -> now.get(up) == 0
                    && filling.stream().allMatch(series -> now.get(series) >= 1));
        } finally {
            back.run();
        }
        Awaitility.await().atMost(LONG).until(() -> readiness(worker.httpPort()).isEmpty());
        Awaitility.await().atMost(GIVEN_UP).untilAsserted(
                () -> assertEquals(Set.copyOf(SENT), results().keySet()));
        assertEquals(1, metrics.value(up));
        Awaitility.await().atMost(LONG).until(() -> filling.stream().allMatch(series -> metrics.value(series) == 0));
        List<String> said = log.lines();
        assertEquals(1, said.stream().filter(line -> line.startsWith(name + " is away: ")).count(), said::toString);
        assertEquals(1, said.stream().filter(line -> line.equals(name + " is back")).count(), said::toString);
        List<String> warned = log.events().stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN)).map(ILoggingEvent::getFormattedMessage)
                .toList();
        assertEquals(1, warned.size(), () -> String.join("\n", warned));
    }

    private static void assertAllSucceeded() {
        assertEquals(SENT.stream().collect(Collectors.toMap(id -> id, _ -> "succeeded")), results());
    }

    /** The status of each command that was sent and has ended; that there are two of one is a failure. */
    private static Map<String, String> results() {
        return ends().stream().collect(Collectors.toMap(result -> result.path("command_id").asText(),
                result -> result.path("status").asText()));
    }

    private static List<JsonNode> ends() {
        return upstream.values("results").stream().filter(result -> SENT.contains(result.path("command_id").asText()))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** All that was told of a container, in order. */
    private static List<String> events(String id) {
        return upstream.values("events").stream().filter(event -> event.path("container_id").asText().equals(id))
                .sorted(Comparator.comparing(event -> Instant.parse(event.path("at").asText())))
                .map(event -> event.path("type").asText() + " " + event.path("cause").asText()).toList();
    }

    @Test
    void commandsThatWereDeletedUnreadAreAGapAndThoseBehindThemAreDone() throws Exception {
        int port = anyFreePort();
        Scrapes metrics;
        try (Worker _ = worker(port)) {
            metrics = new Scrapes(port);
            assertEachSucceeds(lifeOf("before-the-gap"));
        }
        upstream.send("gap", "{\"id\":\"in-the-gap\",\"type\":\"remove\",\"target\":\"gap\"}");
        upstream.delete("commands");
        try (Worker _ = worker(port)) {
            Awaitility.await().atMost(LONG).until(() -> metrics.value("dockworker_command_gaps_total") == 1);
            String ready = get(port, "/health/ready").body();
            assertTrue(ready.contains("were deleted before they were read"), ready);
            assertEachSucceeds(lifeOf("gap"));
            assertEquals(List.of(), upstream.results("in-the-gap"));
            assertEquals(1, metrics.value("dockworker_command_gaps_total"));
        }
    }

    /** Its offsets begin anew, and mean other commands. */
    @Test
    void aTopicThatIsMadeAnewIsAGapAndItsCommandsAreDone() throws Exception {
        int port = anyFreePort();
        Scrapes metrics;
        try (Worker _ = worker(port)) {
            metrics = new Scrapes(port);
            assertEachSucceeds(lifeOf("before-the-topic"));
        }
        upstream.send("old-topic", "{\"id\":\"in-the-old-topic\",\"type\":\"remove\",\"target\":\"old-topic\"}");
        upstream.remake("commands");
        try (Worker _ = worker(port)) {
            assertEachSucceeds(lifeOf("of-the-topic"));
            // Of each partition that commands were taken from before.
            assertTrue(metrics.value("dockworker_command_gaps_total") >= 1);
            String ready = get(port, "/health/ready").body();
            assertTrue(ready.contains("the topic was deleted and made anew"), ready);
            assertEquals(List.of(), upstream.results("in-the-old-topic"));
        }
    }

    private static void assertEachSucceeds(List<String> ids) {
        for (String id : ids) {
            assertEquals("succeeded", upstream.result(id).path("status").asText(), upstream.result(id)::toString);
        }
    }

    /** What it leaves is taken up by the next one, and not counted as what a crash leaves. */
    @Test
    void anEndInTheMiddleOfWorkIsNoCrash() throws Exception {
        try (Worker _ = worker(0)) {
            upstream.send("slow", """
                    {"id":"slow-1","type":"create","image":"%s","name":"slow","pull_policy":"never",
                     "network_mode":"none","command":["sleep","600"]}""".formatted(IMAGE));
            upstream.result("slow-1");
            upstream.send("slow", """
                    {"id":"slow-2","type":"stop","target":"slow","stop_grace_period":"60s"}""");
            Awaitility.await().atMost(LONG).until(() -> ofSlow().equals("executing 1 0"));
        }
        assertEquals("executing 1 1", ofSlow());
        try (Worker next = worker(0)) {
            Awaitility.await().atMost(LONG).until(() -> ofSlow().equals("executing 2 1"));
            // It is stopped for the second time; what is left of the grace period proves nothing more.
            Upstream.docker("-H", engine.local().host().toString(), "kill", "slow");
            assertEquals(List.of("succeeded", "2"), List.of(upstream.result("slow-2").path("status").asText(),
                    upstream.result("slow-2").path("attempts").asText()));
            upstream.send("slow", "{\"id\":\"slow-3\",\"type\":\"remove\",\"target\":\"slow\"}");
            upstream.result("slow-3");
            assertEquals(List.of(), readiness(next.httpPort()));
        }
    }

    private static String ofSlow() {
        try (Database database = new Database(PostgresAddress.parse(upstream.postgresUrl), new SimpleMeterRegistry())) {
            return database.jdbi().withHandle(handle -> handle.createQuery(
                    "select concat_ws(' ', state, attempts, interruptions) from commands where id = 'slow-2'")
                    .mapTo(String.class).findOne().orElse(""));
        }
    }

    @Test
    void aWorkerWaitsForAllOfThemAndEndsInTimeWithoutAny() throws Exception {
        int port = anyFreePort();
        docker.cut();
        postgres.cut();
        kafka.close();
        log.clear();
        CompletableFuture<Worker> starting = CompletableFuture.supplyAsync(() -> worker(port),
                task -> Thread.ofVirtual().start(task));
        Awaitility.await().atMost(LONG).ignoreExceptions()
                .until(() -> readiness(port).equals(List.of("docker", "kafka", "postgres")));
        Thread.sleep(Duration.ofSeconds(3));
        kafka.start();
        Thread.sleep(Duration.ofSeconds(1));
        postgres.mend();
        Thread.sleep(Duration.ofSeconds(1));
        assertEquals(false, starting.isDone());
        docker.mend();
        Worker worker = starting.get(GIVEN_UP.toSeconds(), TimeUnit.SECONDS);
        try {
            Awaitility.await().atMost(LONG).until(() -> readiness(port).isEmpty());
            assertEachSucceeds(lifeOf("late"));
            docker.cut();
            postgres.cut();
            kafka.close();
        } finally {
            long before = System.nanoTime();
            worker.close();
            Duration took = Duration.ofNanos(System.nanoTime() - before);
            docker.mend();
            postgres.mend();
            kafka.start();
            assertTrue(took.toSeconds() < 15, took::toString);
        }
    }

    private static int anyFreePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static Worker worker(int port) {
        List<String> own = new ArrayList<>(flags);
        own.removeIf(flag -> flag.startsWith("--http-port="));
        own.add("--http-port=" + port);
        try {
            return Upstream.worker(own);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends what makes a container, stops and removes it. */
    private static List<String> lifeOf(String name) {
        upstream.send(name,
                """
                        {"id":"%s-create","type":"create","image":"%s","name":"%s","pull_policy":"never","stop_grace_period":"1s",
                         "network_mode":"none","command":["sleep","600"]}"""
                        .formatted(name, IMAGE, name));
        upstream.send(name, "{\"id\":\"%s-stop\",\"type\":\"stop\",\"target\":\"%s\",\"stop_grace_period\":\"1s\"}"
                .formatted(name, name));
        upstream.send(name, "{\"id\":\"%s-remove\",\"type\":\"remove\",\"target\":\"%s\"}".formatted(name, name));
        return List.of(name + "-create", name + "-stop", name + "-remove");
    }

    /** The dependencies that are away. */
    private static List<String> readiness(int port) throws IOException {
        HttpResponse<String> answer = get(port, "/health/ready");
        JsonNode readiness = new ObjectMapper().readTree(answer.body());
        List<String> away = new ArrayList<>();
        for (JsonNode one : readiness.path("dependencies")) {
            if (!one.path("up").asBoolean()) {
                away.add(one.path("name").asText());
            }
        }
        boolean ready = readiness.path("status").asText().equals("ready");
        assertEquals(ready ? 200 : 503, answer.statusCode(), answer::body);
        assertTrue(!ready || away.isEmpty(), answer::body);
        // A broker that comes back has all it had, whatever it took to get there.
        assertEquals(0, readiness.path("gaps").size(), answer::body);
        return away;
    }

    private static HttpResponse<String> get(int port, String path) throws IOException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
