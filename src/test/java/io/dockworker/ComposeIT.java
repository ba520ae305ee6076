package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.Publisher;
import io.dockworker.kafka.ReadCommitted;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What README.md's first command brings up: docker-compose.yml and Dockerfile as they are, and a worker in a container;
 * with it the Prometheus of the profile `observability`. There is nothing to make a Grafana of.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ComposeIT {
    /** In README.md. */
    private static final String COMMAND = "docker compose up --build";
    private static final String PROJECT = "dockworker-compose-it";
    private static final String IMAGE = "dockworker-compose-it-page:1";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path directory;
    private static final Map<String, String> ENVIRONMENT = new TreeMap<>();
    private static StandIns images;
    private static TestImage image;
    private static Publisher publisher;

    @BeforeAll
    static void up() throws Exception {
        images = StandIns.forCompose();
        for (String port : List.of("KAFKA_PORT", "POSTGRES_PORT", "HTTP_PORT", "PROMETHEUS_PORT")) {
            try (var socket = new ServerSocket(0)) {
                ENVIRONMENT.put(port, String.valueOf(socket.getLocalPort()));
            }
        }
        ENVIRONMENT.putAll(Map.of("LOCK_DIR", directory.resolve("lock").toString(), "SECRETS_DIR",
                directory.resolve("secrets").toString(), "HOST_ID", "compose-it", "HEALTH_INTERVAL_SECONDS", "1",
                "DOCKWORKER_IMAGE", PROJECT, "COMPOSE_PROJECT_NAME", PROJECT, "COMPOSE_PROFILES", "observability"));
        image = new TestImage(IMAGE);
        String[] words = COMMAND.split(" ", -1);
        List<String> up = new ArrayList<>(List.of(words).subList(2, words.length));
        up.add("-d");
        compose(List.of("config"), "--services").lines()
                .filter(service -> service.matches("[a-z]+") && !service.equals("grafana")).forEach(up::add);
        compose(up);
        Awaitility.await().atMost(PATIENCE)
                .until(() -> inspect("worker", "{{.State.Health.Status}}").equals("healthy"));
        sawSettings();
        Properties client = new Properties();
        client.put("bootstrap.servers", bootstrapServers());
        publisher = new Publisher(client, PATIENCE);
    }

    @AfterAll
    static void down() throws Exception {
        if (publisher != null) {
            publisher.close();
        }
        compose(List.of("down"), "-v", "--rmi", "local");
        TestImages.run(null, 1, "docker", "rmi", PROJECT);
        image.close();
        images.takeBack();
    }

    @Test
    void theReadmeBeginsWithThisCommand() {
        assertEquals(COMMAND + "\n", Readme.blocks("console").getFirst().text());
    }

    @Test
    void nothingListensBeyondThisMachineAndHttpNeedsTheToken() throws Exception {
        for (String service : List.of("kafka", "postgres", "worker", "prometheus")) {
            String addresses = inspect(service,
                    "{{range .NetworkSettings.Ports}}{{range .}}{{.HostIp}} {{end}}{{end}}");
            assertEquals("127.0.0.1", addresses, service);
        }
        assertEquals(401, http("GET", "/containers/" + IMAGE + "/instances", "", Optional.empty()).statusCode());
        assertEquals(200, http("GET", "/health/ready", "", Optional.empty()).statusCode());
    }

    @Test
    void aContainerLivesItsLifeByMessageAndItsHealthIsReadFromTheHostsCounters() throws Exception {
        send("life", """
                {"id":"life-1","type":"create","image":"%s","name":"life","pull_policy":"never","ports":{"80/tcp":0},
                 "resources":{"cpu_limit":"500m","memory_limit":"64m"}}""".formatted(IMAGE));
        String id = succeeded("life-1").path("containers").path(0).path("id").asText();
        Awaitility.await().atMost(PATIENCE).until(() -> !samples(id).isEmpty());
        JsonNode sample = samples(id).getFirst();
        assertEquals(64 << 20, sample.path("memory_limit_bytes").asLong(), sample::toString);
        for (String counter : List.of("memory_bytes", "pids", "disk_usage")) {
            assertTrue(sample.path(counter).asDouble() > 0, () -> counter + " of " + sample);
        }
        assertTrue(sample.path("network_rx_bytes").isNumber(), sample::toString);

        send("life", "{\"id\":\"life-2\",\"type\":\"stop\",\"target\":\"life\"}");
        send("life", "{\"id\":\"life-3\",\"type\":\"start\",\"target\":\"life\"}");
        succeeded("life-2");
        succeeded("life-3");
        HttpResponse<String> removal = http("POST", "/containers/" + IMAGE + "/start",
                "{\"pull_policy\":\"never\",\"name\":\"by-http\"}", Optional.of("local"));
        assertEquals(202, removal.statusCode(), removal.body());
        succeeded(JSON.readTree(removal.body()).path("command_id").asText());
        assertTrue(http("GET", "/containers/" + IMAGE + "/instances", "", Optional.of("local")).body().contains(id));
        send(IMAGE, "{\"id\":\"life-4\",\"type\":\"remove\",\"image\":\"" + IMAGE + "\"}");
        succeeded("life-4");

        assertEquals("", Upstream.docker("ps", "-aq", "--filter", "label=managed-by=" + IMAGE));
        assertEquals(List.of("create", "start", "stop", "start", "remove"), commanded(id));
    }

    @Test
    void aWorkerWithoutTheHostsLockDirectoryRefusesToStart() throws Exception {
        for (String noMount : List.of("", "--tmpfs /var/lib/dockworker", "-v /var/lib/dockworker")) {
            String said = TestImages.run(null, 78, "sh", "-c", "docker run --rm --network " + PROJECT + "_default "
                    + noMount + " -v /var/run/docker.sock:/var/run/docker.sock -e KAFKA_BOOTSTRAP_SERVERS=kafka:19092 "
                    + "-e POSTGRES_URL=postgresql://dockworker:dockworker@postgres/dockworker " + PROJECT
                    + "; echo exit $?");
            assertTrue(said.endsWith("exit 78"), said);
            assertTrue(said.contains("LOCK_DIR /var/lib/dockworker is inside this container"), said);
            assertTrue(said.contains("-v /var/lib/dockworker:/var/lib/dockworker"), said);
        }
    }

    @Test
    void aSecondWorkerOnTheSameLockDirectoryIsRefused() throws Exception {
        String said = TestImages.run(null, 78, "sh", "-c", "docker run --rm --network " + PROJECT + "_default "
                + "-v /var/run/docker.sock:/var/run/docker.sock -v " + directory.resolve("lock")
                + ":/var/lib/dockworker -e KAFKA_BOOTSTRAP_SERVERS=kafka:19092 "
                + "-e POSTGRES_URL=postgresql://dockworker:dockworker@postgres/dockworker " + PROJECT
                + "; echo exit $?");
        assertTrue(said.endsWith("exit 78") && said.contains("owned by a live worker"), said);
    }

    /** Last, for it scrapes only every 15 seconds. */
    @Test
    @Order(Integer.MAX_VALUE)
    void prometheusScrapesTheWorkerAndHasTheAlertRules() throws Exception {
        Awaitility.await().atMost(PATIENCE)
                .until(() -> inspect("prometheus", "{{.State.Health.Status}}").equals("healthy"));
        Awaitility.await().atMost(PATIENCE).until(() -> prometheus("query?query=up").at("/data/result"),
                up -> up.at("/0/metric/instance").asText().equals("worker:8000")
                        && up.at("/0/value/1").asText().equals("1"));
        var rules = new TreeSet<String>();
        prometheus("rules").at("/data/groups/0/rules").forEach(rule -> rules.add(rule.path("name").asText()));
        var written = new TreeSet<String>();
        Pattern.compile("- alert: (\\w+)").matcher(Files.readString(Readme.FILE.resolveSibling("deploy/alerts.yaml")))
                .results().forEach(alert -> written.add(alert.group(1)));
        assertEquals(written, rules);
    }

    private static JsonNode prometheus(String path) throws IOException, InterruptedException {
        return JSON.readTree(HttpClient.newHttpClient().send(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + ENVIRONMENT.get("PROMETHEUS_PORT") + "/api/v1/" + path)).build(),
                HttpResponse.BodyHandlers.ofString()).body());
    }

    /** What the worker's container is set to. */
    private static void sawSettings() throws IOException, InterruptedException {
        Map<String, String> environment = new TreeMap<>();
        for (String line : inspect("worker", "{{range .Config.Env}}{{println .}}{{end}}").lines().toList()) {
            String[] parts = line.split("=", 2);
            environment.put(parts[0], parts[parts.length - 1]);
        }
        Coverage.sawSettings(environment);
    }

    private static String compose(List<String> verb, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(plugin() ? List.of("docker", "compose") : List.of("docker-compose"));
        command.addAll(verb);
        command.addAll(List.of(more));
        List<String> line = new ArrayList<>(List.of("env"));
        ENVIRONMENT.forEach((name, value) -> line.add(name + "=" + value));
        line.addAll(command);
        return TestImages.run(Readme.FILE.getParent().toFile(), 0, line.toArray(String[]::new));
    }

    private static boolean plugin() throws IOException, InterruptedException {
        return new ProcessBuilder("docker", "compose", "version").redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    }

    private static String inspect(String service, String format) throws IOException, InterruptedException {
        String id = Upstream.docker("ps", "-aq", "--filter", "label=com.docker.compose.project=" + PROJECT, "--filter",
                "label=com.docker.compose.service=" + service);
        assertNotEquals("", id, service);
        return Upstream.docker("inspect", "-f", format, id).strip();
    }

    private static String bootstrapServers() {
        return "127.0.0.1:" + ENVIRONMENT.get("KAFKA_PORT");
    }

    private static void send(String key, String command) {
        publisher.publish(new OutboundRecord("dockworker.commands", key.getBytes(StandardCharsets.UTF_8),
                command.getBytes(StandardCharsets.UTF_8), List.of())).join();
    }

    private static List<JsonNode> values(String topic) throws IOException {
        List<JsonNode> values = new ArrayList<>();
        for (String value : ReadCommitted.values(bootstrapServers(), "dockworker." + topic)) {
            values.add(JSON.readTree(value));
        }
        return values;
    }

    private static JsonNode succeeded(String command) {
        List<JsonNode> found = Awaitility.await().atMost(PATIENCE).until(() -> values("results").stream()
                .filter(result -> result.path("command_id").asText().equals(command)).toList(), all -> !all.isEmpty());
        assertEquals("succeeded", found.getFirst().path("status").asText(), found::toString);
        return found.getFirst();
    }

    private static List<JsonNode> samples(String container) throws IOException {
        return values("health").stream().filter(sample -> sample.path("container_id").asText().equals(container))
                .toList();
    }

    /** The types of a container's events of commands, as PostgreSQL has them. */
    private static List<String> commanded(String container) throws SQLException {
        List<String> types = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:"
                + ENVIRONMENT.get("POSTGRES_PORT") + "/dockworker", "dockworker", "dockworker");
                PreparedStatement statement = connection.prepareStatement(
                        "select type from events where container_id = ? and cause = 'command' order by at")) {
            statement.setString(1, container);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                types.add(rows.getString(1));
            }
        }
        assertFalse(types.isEmpty(), container);
        return types;
    }

    private static HttpResponse<String> http(String method, String path, String body, Optional<String> token)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ENVIRONMENT.get("HTTP_PORT") + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
