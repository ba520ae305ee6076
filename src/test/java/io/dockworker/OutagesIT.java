package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.dockworker.standalone.TestBroker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A worker whose Docker, PostgreSQL or Kafka is away: at its start, in the middle of work, and at its end. */
final class OutagesIT {
    private static final String IMAGE = "dockworker-outages-it:1";
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final ListAppender<ILoggingEvent> LOGGED = new ListAppender<>();

    @TempDir
    private static Path directory;
    private static TestImage image;
    private static TestBroker kafka;
    private static Way docker;
    private static Way postgres;
    private static Upstream upstream;
    private static List<String> flags;

    @BeforeAll
    static void start() throws Exception {
        LOGGED.start();
        logger().addAppender(LOGGED);
        image = new TestImage(IMAGE);
        kafka = new TestBroker(directory.resolve("kafka"));
        kafka.start();
        upstream = new Upstream("outages-it.", kafka.bootstrapServers());
        docker = Way.at(directory.resolve("docker.sock"), Way.localEngine());
        URI database = URI.create(upstream.postgresUrl);
        postgres = Way.onAnyPort(new InetSocketAddress(InetAddress.getLoopbackAddress(), database.getPort()));
        flags = new ArrayList<>(upstream.flags(directory.resolve("lock"), "outages-it"));
        flags.removeIf(flag -> flag.startsWith("--postgres-url="));
        flags.add("--postgres-url=" + upstream.postgresUrl.replace(":" + database.getPort(), ":" + postgres.port()));
        flags.add("--docker-host=unix://" + directory.resolve("docker.sock"));
    }

    @AfterAll
    static void stop() throws Exception {
        logger().detachAppender(LOGGED);
        upstream.close();
        docker.close();
        postgres.close();
        kafka.close();
        image.close();
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("io.dockworker");
    }

    @Test
    void eachThatGoesAwayIsSaidOnceAndComesBackByItself() throws Exception {
        try (Worker worker = worker(0)) {
            goesAndComes(worker, "docker", docker::cut, docker::mend);
            goesAndComes(worker, "postgres", postgres::cut, postgres::mend);
            goesAndComes(worker, "kafka", kafka::close, kafka::start);
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void goesAndComes(Worker worker, String name, Step away, Step back) throws Exception {
        LOGGED.list.clear();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ids.addAll(lifeOf(name + "-" + i));
        }
        Awaitility.await().atMost(LONG).until(() -> !results(ids).isEmpty());
        assertTrue(results(ids).size() < ids.size(), "it goes away in the middle of the work");
        away.run();
        Awaitility.await().atMost(LONG).until(() -> readiness(worker.httpPort()).contains(name));
        assertEquals(200, get(worker.httpPort(), "/health/live").statusCode());
        Thread.sleep(Duration.ofSeconds(5));
        back.run();
        Awaitility.await().atMost(LONG).until(() -> readiness(worker.httpPort()).isEmpty());
        Awaitility.await().atMost(LONG).until(() -> results(ids).size() >= ids.size());
        assertEquals(new TreeSet<>(ids).stream().map(id -> id + " succeeded").toList(), results(ids));
        List<String> said = List.copyOf(LOGGED.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
        assertEquals(1, said.stream().filter(line -> line.startsWith(name + " is away: ")).count(), said::toString);
        assertEquals(1, said.stream().filter(line -> line.equals(name + " is back")).count(), said::toString);
        List<String> warned = List.copyOf(LOGGED.list).stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN)).map(ILoggingEvent::getFormattedMessage)
                .toList();
        assertEquals(1, warned.size(), () -> String.join("\n", warned));
    }

    /** Each command with the status of each of its results, in order. */
    private static List<String> results(List<String> ids) {
        return upstream.values("results").stream().filter(result -> ids.contains(result.path("command_id").asText()))
                .map(result -> result.path("command_id").asText() + " " + result.path("status").asText()).sorted()
                .toList();
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
                    {"id":"slow-2","type":"stop","target":"slow","stop_grace_period":"15s"}""");
            Awaitility.await().atMost(LONG).until(() -> ofSlow().equals("executing 1 0"));
        }
        assertEquals("executing 1 1", ofSlow());
        try (Worker next = worker(0)) {
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
        LOGGED.list.clear();
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
        Worker worker = starting.get();
        try {
            Awaitility.await().atMost(LONG).until(() -> readiness(port).isEmpty());
            for (String id : lifeOf("late")) {
                assertEquals("succeeded", upstream.result(id).path("status").asText(), upstream.result(id)::toString);
            }
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
        upstream.send(name, """
                {"id":"%s-create","type":"create","image":"%s","name":"%s","pull_policy":"never",
                 "network_mode":"none","command":["sleep","600"]}""".formatted(name, IMAGE, name));
        upstream.send(name, "{\"id\":\"%s-stop\",\"type\":\"stop\",\"target\":\"%s\",\"stop_grace_period\":\"3s\"}"
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
