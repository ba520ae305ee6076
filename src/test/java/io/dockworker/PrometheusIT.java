package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What monitors see of a worker with twenty containers: metrics, alert rules and dashboard by a real Prometheus; logs. */
final class PrometheusIT {
    private static final String IMAGE = "dockworker-prometheus-it:1";
    private static final int CONTAINERS = 20;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(\\w+)` \\|.*\\|([^|]*)\\|$");
    /** Names of series, for which the documents have one name: a duration is three series. */
    private static final Pattern SUFFIX = Pattern.compile("(?<=seconds)_(count|sum|max)$");

    @TempDir
    private static Path directory;
    private static LogTail log;
    private static TestImage image;
    private static Upstream upstream;
    private static Worker worker;
    private static Scrapes metrics;
    private static Prometheus prometheus;

    @BeforeAll
    static void start() throws Exception {
        log = new LogTail("io.dockworker.execution");
        image = new TestImage(IMAGE);
        upstream = new Upstream("prometheus-it.");
        List<String> flags = new ArrayList<>(upstream.flags(directory, "prometheus-it"));
        flags.removeIf(flag -> flag.startsWith("--health-interval-seconds"));
        flags.addAll(List.of("--health-interval-seconds=60", "--metrics-per-container=true"));
        worker = Upstream.worker(flags);
        metrics = new Scrapes(worker.httpPort());
        prometheus = new Prometheus(directory, worker.httpPort());
        Awaitility.await().atMost(LONG).until(() -> value("up{job=\"dockworker\"}") == 1);
        upstream.send("many", """
                {"id":"many-1","type":"create","image":"%s","name":"many","count":%d,"network_mode":"none",
                 "pull_policy":"never","command":["sleep","1000"]}""".formatted(IMAGE, CONTAINERS));
        // It restarts once, and uses a little of everything.
        upstream.send("restless", """
                {"id":"restless","type":"create","image":"%s","name":"restless","pull_policy":"never",
                 "restart_policy":{"name":"always"},"resources":{"cpu_limit":0.1,"memory_limit":"16m"},
                 "entrypoint":["sh","-c","ping -c 1 $(ip route | awk '/default/{print $3}');\
                 while test -e /again; do sleep 0.1; done; touch /again"]}""".formatted(IMAGE));
        assertEquals("succeeded", upstream.result("many-1").path("status").asText());
        assertEquals("succeeded", upstream.result("restless").path("status").asText());
    }

    @AfterAll
    static void stop() throws Exception {
        log.close();
        metrics.look();
        prometheus.close();
        worker.close();
        upstream.close();
        image.close();
    }

    @Test
    void everyMetricThatIsDocumentedIsScrapedAndNoOther() throws Exception {
        Set<String> documented = new TreeSet<>(documented().keySet());
        Awaitility.await().atMost(LONG).untilAsserted(() -> assertEquals(String.join("\n", documented),
                String.join("\n", scraped().filter(name -> name.matches("up|(dockworker|kafka)_.*"))
                        .map(name -> SUFFIX.matcher(name).replaceFirst("")).collect(Collectors.toCollection(
                                TreeSet::new)))));
        for (String family : List.of("jvm_memory_used_bytes", "process_uptime_seconds",
                "hikaricp_connections_active")) {
            assertTrue(scraped().anyMatch(family::equals), family);
        }
        assertEquals(List.of(),
                metrics.text().lines().filter(line -> line.matches("# HELP dockworker_\\S+\\s*")).toList());
    }

    @Test
    void seriesAreBoundedAndBearNoIds() throws Exception {
        Awaitility.await().atMost(LONG)
                .until(() -> value("count(kafka_consumer_fetch_manager_records_lag)") == 6);
        assertTrue(value("count({__name__=~\"kafka_.*\"})") < 60,
                () -> prometheus.query("count by (__name__) ({__name__=~\"kafka_.*\"})").toString());
        assertTrue(value("count({job=\"dockworker\", __name__!~\"dockworker_container_.*\"})") < 250,
                () -> prometheus.query("count by (__name__) ({job=\"dockworker\"})").toString());
        Awaitility.await().atMost(LONG).untilAsserted(() -> assertEquals(7 * (CONTAINERS + 1),
                value("count({__name__=~\"dockworker_container_.*\"})"),
                () -> prometheus.query("count by (__name__) ({__name__=~\"dockworker_container_.*\"})").toString()));
        String id = Upstream.docker("inspect", "-f", "{{.Id}}", "many-1");
        String part = id.substring(0, 12);
        assertEquals(List.of(), metrics.look().keySet().stream().filter(series -> series.contains(part)).toList());
    }

    @Test
    void whatHappensMovesTheMetrics() throws Exception {
        double letters = value("dockworker_dead_letters_total{code=\"NOT_JSON\"}");
        upstream.send("bad", "not a command");
        assertMoves("dockworker_dead_letters_total{code=\"NOT_JSON\"}", letters);

        List<String> counters = List.of("dockworker_commands_total{type=\"stop\",status=\"succeeded\"}",
                "dockworker_command_duration_seconds_count{type=\"stop\"}", "dockworker_command_queue_seconds_count",
                "sum(dockworker_engine_call_duration_seconds_count{call=\"stop\"})",
                "dockworker_containers{status=\"exited\"}", "dockworker_sweep_duration_seconds_count",
                "dockworker_health_samples_total{outcome=\"stored\"}",
                "dockworker_health_samples_total{outcome=\"published\"}",
                "sum(kafka_consumer_fetch_manager_records_consumed_total)",
                "sum(kafka_producer_record_send_total)", "dockworker_engine_events_total{outcome=\"read\"}");
        Map<String, Double> before = counters.stream().collect(Collectors.toMap(name -> name, PrometheusIT::value));
        // It ignores SIGTERM, so that the command is open for as long as it may.
        upstream.send("many-2",
                "{\"id\":\"many-2-stop\",\"type\":\"stop\",\"target\":\"many-2\",\"stop_grace_period\":\"5s\"}");
        Awaitility.await().atMost(LONG).until(() -> !metrics.look().isEmpty()
                && value("max_over_time(dockworker_inbox_messages[1m])") > 0
                && value("max_over_time(dockworker_inbox_oldest_age_seconds[1m])") > 1);
        before.forEach(PrometheusIT::assertMoves);
        Awaitility.await().atMost(LONG).until(() -> value("dockworker_inbox_messages") == 0);
        assertEquals(3, value("sum(dockworker_dependency_up)"));
        assertEquals(0, value("dockworker_command_gaps_total"));
    }

    @Test
    void whatAContainerWritesShowsInWhatIsUsedOfTheDisk() {
        double used = metrics.value("dockworker_host_disk_used_ratio");
        assertTrue(used > 0);
        // Of a percent two decimals are shown.
        long mebibytes = (new File(docker("info", "-f", "{{.DockerRootDir}}")).getTotalSpace() / 4_000 / (1 << 20)) + 1;
        docker("exec", "many-4", "dd", "if=/dev/zero", "of=/filler", "bs=1M", "count=" + mebibytes);
        Awaitility.await().atMost(LONG).until(() -> metrics.value("dockworker_host_disk_used_ratio") > used);
        docker("exec", "many-4", "rm", "/filler");
    }

    @Test
    void theFirstSampleDoesNotWaitForTheInterval() {
        Awaitility.await().atMost(LONG).until(() -> sampleOf("many-3").isPresent());
        Instant started = Instant.parse(docker("inspect", "-f", "{{.State.StartedAt}}", "many-3"));
        var late = Duration.between(started,
                Instant.parse(sampleOf("many-3").orElseThrow().path("sampled_at").asText()));
        assertTrue(late.toSeconds() < 20, "it came after " + late);
    }

    @Test
    void everyAlertRuleSpeaksWhenItShouldAndIsDocumented() throws Exception {
        run("promtool", "check", "rules", "deploy/alerts.yaml");
        run("promtool", "check", "config", "--syntax-only", "deploy/prometheus.yml");
        run("promtool", "test", "rules", "deploy/alerts.test.yaml");
        Set<String> rules = new TreeSet<>();
        JsonNode groups = prometheus.ask("/api/v1/rules").at("/data/groups");
        for (JsonNode rule : groups.path(0).path("rules")) {
            assertEquals("ok", rule.path("health").asText().replace("unknown", "ok"), rule::toString);
            rules.add(rule.path("name").asText());
        }
        String tested = Files.readString(Path.of("deploy/alerts.test.yaml"));
        assertEquals(List.of(), rules.stream().filter(rule -> !tested.contains("\"" + rule + "\"")).toList());
        String inTables = String.join(" ", documented().values());
        assertEquals(String.join("\n", rules), Pattern.compile("Dockworker\\w+").matcher(inTables).results()
                .map(found -> found.group()).distinct().sorted().collect(Collectors.joining("\n")));
    }

    @Test
    void everyExpressionOfTheDashboardShowsSomething() throws IOException {
        JsonNode dashboard = new ObjectMapper().readTree(Path.of("deploy/grafana/dashboard.json").toFile());
        List<String> expressions = new ArrayList<>();
        dashboard.path("panels").forEach(panel -> panel.path("targets")
                .forEach(target -> expressions.add(target.path("expr").asText().replace("$__rate_interval", "1m"))));
        assertTrue(expressions.size() > 20, expressions::toString);
        Awaitility.await().atMost(LONG).untilAsserted(() -> {
            for (String expression : expressions) {
                JsonNode answer = prometheus.query(expression);
                assertEquals("success", answer.path("status").asText(), () -> expression + ": " + answer);
                assertFalse(answer.at("/data/result").isEmpty(), () -> "nothing for " + expression);
            }
        });
    }

    @Test
    void logLinesOfACommandBearItsIdAndItsContainers() {
        String id = docker("inspect", "-f", "{{.Id}}", "many-1");
        List<Map<String, String>> about = log.events().stream().map(ILoggingEvent::getMDCPropertyMap)
                .filter(mdc -> id.equals(mdc.get("container_id"))).toList();
        assertFalse(about.isEmpty());
        assertEquals("many-1", about.getFirst().get("command_id"));
    }

    private static void assertMoves(String counter, double from) {
        Awaitility.await(counter).atMost(LONG).until(() -> value(counter) > from);
    }

    /** The one value of an expression; 0 if there is none. */
    private static double value(String expression) {
        JsonNode answer = prometheus.query(expression);
        assertEquals("success", answer.path("status").asText(), answer::toString);
        return answer.at("/data/result/0/value/1").asDouble();
    }

    /** What comes from the worker, not Prometheus' own notes on it. */
    private static Stream<String> scraped() {
        JsonNode names = prometheus.ask("/api/v1/label/__name__/values").path("data");
        return StreamSupport.stream(names.spliterator(), false).map(JsonNode::asText);
    }

    /** Metrics with their alerts. */
    private static Map<String, String> documented() throws IOException {
        return DOCUMENTED.matcher(Files.readString(Path.of("docs/METRICS.md"))).results()
                .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2)));
    }

    private static Optional<JsonNode> sampleOf(String name) {
        return upstream.values("health").stream().filter(sample -> sample.path("name").asText().equals(name))
                .findFirst();
    }

    private static String docker(String... arguments) {
        try {
            return Upstream.docker(arguments);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + said);
    }
}
