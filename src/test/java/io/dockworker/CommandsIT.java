package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.docker.Registry;
import io.dockworker.kafka.ReadCommitted;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.PostgresAddress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each command, each field of a create and each refusal through a whole worker: real Kafka, PostgreSQL, Docker, registry. */
final class CommandsIT {
    private static final String LOCAL = "dockworker-commands-it:1";
    private static final String RANDOM = "dockworker-commands-it-random:1";
    private static final String PLUGIN = "dockworker-commands-it-plugin:1";
    private static final String NO_LOG_DRIVER = "rejected INVALID_COMMAND /log_driver";
    private static final String NETWORK = "dockworker-commands-it";
    private static final Duration LONG = Duration.ofSeconds(60);

    private static final Opened OPENED = new Opened();

    @TempDir
    private static Path directory;
    private static Registry registry;
    private static String pulled;
    private static Upstream upstream;
    private static Database database;

    @BeforeAll
    static void start() throws Exception {
        Path secrets = Files.createDirectory(directory.resolve("secrets"));
        Files.writeString(secrets.resolve("login"), Registry.LOGIN + "\n");
        Files.writeString(secrets.resolve("db-password"), "s3cret\n");
        registry = OPENED.own(new Registry(Files.createDirectory(directory.resolve("registry"))));
        OPENED.own(new TestImage(LOCAL));
        registry.push(LOCAL, "page:1");
        pulled = registry.name("page:1");
        TestImages.run(directory.toFile(), 0, "sh", "-c", "head -c 8388608 /dev/urandom > random; tar -c random |"
                + " docker import - " + RANDOM);
        registry.push(RANDOM, "random:1");
        Upstream.docker("rmi", RANDOM);
        Upstream.docker("network", "create", NETWORK);
        OPENED.atTheEnd(() -> Upstream.docker("network", "rm", NETWORK));
        OPENED.atTheEnd(CommandsIT::removeContainers);
        upstream = OPENED.own(new Upstream("commands-it."));
        database = OPENED.own(new Database(PostgresAddress.parse(upstream.postgresUrl), new SimpleMeterRegistry()));
        List<String> flags = new ArrayList<>(upstream.flags(directory.resolve("lock"), "commands-it"));
        flags.add("--secrets-dir=" + secrets);
        OPENED.own(Upstream.worker(flags));
        // The engine looks for a plugin again and again, for fifteen seconds: the other tests need not wait for that.
        sendWithoutLogDriver();
    }

    @AfterAll
    static void stop() throws Exception {
        OPENED.close();
    }

    private static void removeContainers() throws Exception {
        for (String label : List.of(LOCAL, pulled)) {
            for (String id : Upstream.docker("ps", "-aq", "--filter", "label=managed-by=" + label).lines().toList()) {
                Upstream.docker("rm", "-fv", id);
            }
        }
    }

    @Test
    void aCreateOfEveryFieldIsMade() throws Exception {
        send("""
                "id":"every-1","type":"create","image":"%s","name":"every","count":2,"start":false,"host":"commands-it",
                "source":"billing","correlation_id":"order-7","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","deadline_seconds":120,"pull_policy":"never",
                "expires_at":"2999-01-01T00:00:00Z","env":{"A":"b"},"entrypoint":["sleep"],"command":["600"],
                "ports":{"80/tcp":0},"resources":{"cpu_limit":"500m","memory_limit":"64m","memory_reservation":"32m",
                "pids_limit":50,"shm_size":"16m"},"labels":{"team":"x"},"restart_policy":{"name":"on-failure",
                "maximum_retry_count":3},"healthcheck":{"test":["CMD","true"],"interval":"1m"},"volumes":[{"type":"volume",
                "source":"dockworker-commands-it","target":"/data"}],"tmpfs":["/scratch"],"networks":["%s"],
                "hostname":"box","extra_hosts":{"db":"10.0.0.7"},"dns":"1.1.1.1","user":"1000","working_dir":"/tmp",
                "init":true,"read_only":true,"stop_signal":"INT","stop_grace_period":"1m","cap_add":["NET_ADMIN"],
                "cap_drop":["CHOWN"],"privileged":true,"pid":"host","devices":["/dev/null:/dev/nothing:r"],
                "security_opt":["no-new-privileges"],"sysctls":{"net.core.somaxconn":256},"ulimits":{"nofile":100},
                "log_driver":"local","log_opts":{"max-size":"1m"},"gpus":["GPU-1"],"platform":"linux/amd64",
                "registry_auth_ref":"login","secret_refs":{"DB_PASSWORD":"db-password"}"""
                .formatted(LOCAL, NETWORK));
        JsonNode result = succeeded("every-1");
        assertEquals(List.of("every-1", "every-2"), result.path("containers").findValuesAsText("name"));
        assertEquals(List.of("created", "created"), result.path("containers").findValuesAsText("state"));
        assertEquals("x 1000 /tmp box INT true [CMD true]", Upstream.docker("inspect", "-f",
                "{{index .Config.Labels \"team\"}} {{.Config.User}} {{.Config.WorkingDir}} {{.Config.Hostname}} "
                        + "{{.Config.StopSignal}} {{.HostConfig.Privileged}} {{.Config.Healthcheck.Test}}",
                "every-2").replace("SIGINT", "INT"));
        send("\"id\":\"every-2\",\"type\":\"remove\",\"image\":\"" + LOCAL + "\",\"volumes\":true,\"force\":true");
        succeeded("every-2");
        Upstream.docker("volume", "rm", "dockworker-commands-it");
    }

    @Test
    void aContainerLivesThroughEveryCommand() throws Exception {
        List<String> ids = new ArrayList<>();
        for (String command : List.of(
                "\"type\":\"pull\",\"image\":\"" + pulled + "\",\"registry_auth_ref\":\"login\","
                        + "\"platform\":\"linux/amd64\"",
                "\"type\":\"create\",\"image\":\"" + pulled + "\",\"name\":\"lives\",\"network_mode\":\"none\","
                        + "\"pull_policy\":\"always\",\"registry_auth_ref\":\"login\"",
                "\"type\":\"update\",\"target\":\"lives\",\"resources\":{\"memory_limit\":\"64m\"}",
                "\"type\":\"pause\",\"target\":\"lives\"", "\"type\":\"unpause\",\"target\":\"lives\"",
                "\"type\":\"restart\",\"target\":\"lives\",\"stop_grace_period\":\"0s\"",
                "\"type\":\"kill\",\"target\":\"lives\",\"signal\":\"KILL\",\"idempotent\":true",
                "\"type\":\"start\",\"target\":\"lives\"",
                "\"type\":\"rename\",\"target\":\"lives\",\"name\":\"lives-on\"",
                "\"type\":\"replace\",\"target\":\"lives-on\",\"order\":\"stop-first\",\"env\":{\"A\":\"b\"},"
                        + "\"pull_policy\":\"never\",\"stop_grace_period\":\"0s\"",
                "\"type\":\"replace\",\"target\":\"lives-on\",\"order\":\"start-first\",\"image\":\"" + LOCAL
                        + "\",\"pull_policy\":\"missing\"",
                "\"type\":\"stop\",\"target\":\"lives-on\",\"signal\":\"KILL\"",
                "\"type\":\"remove\",\"target\":\"lives-on\"")) {
            String id = "lives-" + (ids.size() + 1);
            ids.add(id);
            upstream.send("lives", "{\"id\":\"" + id + "\"," + command + "}");
            // A name is not known before its container is.
            succeeded(id);
        }
        String old = succeeded("lives-2").at("/containers/0/id").asText();
        List<String> replaced = new ArrayList<>(upstream.result("lives-11").findValuesAsText("id"));
        replaced.removeAll(upstream.result("lives-10").findValuesAsText("id"));
        assertEquals(replaced, List.of(upstream.result("lives-12").at("/containers/0/id").asText()));
        List<String> told = upstream.values("events").stream()
                .filter(event -> event.path("container_id").asText().equals(old)
                        && event.path("cause").asText().equals("command"))
                .map(event -> event.path("type").asText()).toList();
        for (String type : List.of("create", "start", "update", "pause", "unpause", "restart", "kill", "rename", "stop",
                "remove")) {
            assertTrue(told.contains(type), () -> type + " of " + told);
        }
        assertEquals(2, Collections.frequency(told, "stop"), () -> "by the restart and by the replacement: " + told);
        Upstream.docker("rmi", pulled);
    }

    @Test
    void aReplacementMayHaveAnotherName() throws Exception {
        String create = "\"type\":\"create\",\"image\":\"" + LOCAL
                + "\",\"pull_policy\":\"never\",\"network_mode\":\"none\",\"name\":\"blue\"";
        String replace = "\"type\":\"replace\",\"target\":\"blue\",\"stop_grace_period\":\"0s\",\"name\":";
        send("\"id\":\"blue-1\"," + create);
        String old = succeeded("blue-1").at("/containers/0/id").asText();
        Upstream.docker("run", "-d", "--name", "blue-theirs", "--network", "none", LOCAL);
        try {
            send("\"id\":\"blue-2\"," + replace + "\"blue-theirs\"");
            assertEquals("failed NAME_CONFLICT", end("blue-2"));
            assertEquals("/name", upstream.result("blue-2").at("/error/field").asText());
        } finally {
            Upstream.docker("rm", "-f", "blue-theirs");
        }
        send("\"id\":\"blue-3\"," + replace + "\"green\"");
        JsonNode green = succeeded("blue-3").at("/containers/0");
        assertEquals("green", green.path("name").asText());
        assertNotEquals(old, green.path("id").asText());
        send("\"id\":\"blue-4\"," + create);
        succeeded("blue-4");
        send("\"id\":\"blue-5\"," + replace + "\"green\"");
        assertEquals("failed NAME_CONFLICT", end("blue-5"));
        upstream.send("green", "{\"id\":\"blue-6\",\"type\":\"remove\",\"target\":\"green\"}");
        succeeded("blue-6");
    }

    @Test
    void anImagesContainersAreMeantAllTogether() throws Exception {
        String image = "dockworker-commands-it-many:1";
        Upstream.docker("tag", LOCAL, image);
        send("\"id\":\"many-0\",\"type\":\"create\",\"count\":2,\"name\":\"many\",\"image\":\"" + image
                + "\",\"pull_policy\":\"never\",\"network_mode\":\"none\"");
        JsonNode timings = succeeded("many-0").path("timings_ms");
        assertTrue(timings.has("queued") && timings.path("create").asInt() > 0 && timings.path("start").asInt() > 0,
                timings::toString);
        List<List<String>> steps = List.of(List.of("paused", "\"type\":\"pause\""),
                List.of("running", "\"type\":\"unpause\""),
                List.of("exited", "\"type\":\"stop\",\"signal\":9,\"stop_grace_period\":\"30s\""),
                List.of("running", "\"type\":\"start\""),
                List.of("running", "\"type\":\"restart\",\"signal\":9"),
                List.of("running", "\"type\":\"restart\",\"signal\":\"SIGKILL\",\"stop_grace_period\":\"30s\""));
        for (List<String> step : steps) {
            String id = "many-" + (steps.indexOf(step) + 1);
            send("\"id\":\"" + id + "\",\"image\":\"" + image + "\"," + step.getLast());
            succeeded(id);
            assertEquals(Collections.nCopies(2, step.getFirst()), states("many-"), step::toString);
        }
        send("\"id\":\"many-7\",\"type\":\"kill\",\"target\":\"many-1\",\"signal\":9");
        succeeded("many-7");
        assertEquals(List.of("exited"), states("many-1"));
        send("\"id\":\"many-8\",\"type\":\"delete\",\"target\":\"many-1\",\"force\":false");
        succeeded("many-8");
        assertEquals(List.of("running"), states("many-"));
        send("\"id\":\"many-9\",\"type\":\"delete\",\"image\":\"" + image + "\",\"volumes\":true");
        succeeded("many-9");
        assertEquals(List.of(), states("many-"));
        Upstream.docker("rmi", image);
    }

    /** Of the containers whose names begin so. */
    private static List<String> states(String name) throws Exception {
        return Upstream.docker("ps", "-a", "--filter", "name=^" + name, "--format", "{{.State}}").lines().toList();
    }

    @Test
    void limitsAreUpdatedAsDockerItselfDoesIt() throws Exception {
        send("\"id\":\"limits\",\"type\":\"create\",\"name\":\"limits\",\"image\":\"" + LOCAL
                + "\",\"pull_policy\":\"never\",\"network_mode\":\"none\"");
        succeeded("limits");
        Upstream.docker("run", "-d", "--name", "limits-theirs", "--network", "none", LOCAL);
        try {
            assertUpdated("limits-1", "\"cpu_limit\":\"500m\",\"memory_limit\":\"64m\",\"memory_reservation\":\"32m\","
                    + "\"pids_limit\":50", "--cpus", "0.5", "-m", "64m", "--memory-swap", "128m",
                    "--memory-reservation",
                    "32m", "--pids-limit", "50");
            assertUpdated("limits-2", "\"cpu_limit\":1.5,\"memory_limit\":134217728,\"memory_reservation\":67108864",
                    "--cpus", "1.5", "-m", "128m", "--memory-swap", "256m", "--memory-reservation", "64m");
        } finally {
            Upstream.docker("rm", "-f", "limits-theirs");
        }
    }

    private static void assertUpdated(String id, String resources, String... options) throws Exception {
        send("\"id\":\"" + id + "\",\"type\":\"update\",\"target\":\"limits\",\"resources\":{" + resources + "}");
        succeeded(id);
        List<String> docker = new ArrayList<>(List.of(options));
        docker.addFirst("update");
        docker.add("limits-theirs");
        Upstream.docker(docker.toArray(String[]::new));
        String shown = "{{with .HostConfig}}{{.NanoCpus}} {{.CpuQuota}} {{.Memory}} {{.MemorySwap}} "
                + "{{.MemoryReservation}} {{.PidsLimit}}{{end}}";
        assertEquals(Upstream.docker("inspect", "-f", shown, "limits-theirs"),
                Upstream.docker("inspect", "-f", shown, "limits"));
    }

    @Test
    void aPullTellsHowFarItIs() throws Exception {
        String random = registry.name("random:1");
        send("\"id\":\"random\",\"type\":\"pull\",\"image\":\"" + random + "\",\"registry_auth_ref\":\"login\"");
        succeeded("random");
        Upstream.docker("rmi", random);
        Awaitility.await().atMost(LONG).until(() -> upstream.values("events").stream().anyMatch(
                event -> event.path("type").asText().equals("pull_progress") && event.path("image").asText()
                        .equals(random)));
    }

    @Test
    void whatIsRefusedSaysWhy() throws Exception {
        try (var taken = new ServerSocket(0)) {
            String create = "\"type\":\"create\",\"image\":\"" + LOCAL + "\",\"pull_policy\":\"never\"";
            send("\"id\":\"up\"," + create + ",\"name\":\"up\",\"network_mode\":\"none\"");
            String up = succeeded("up").at("/containers/0/id").asText();
            // Nobody can make two ids that begin alike, so the other one is only on record.
            database.jdbi().useHandle(handle -> handle.execute("insert into lanes (host, image, container_id) "
                    + "values ('elsewhere', '', ?)", up.substring(0, 12) + "0".repeat(52)));
            Map<String, String> refused = new HashMap<>();
            refused.put("rejected UNSUPPORTED /type",
                    "\"type\":\"scale\",\"image\":\"" + LOCAL + "\",\"count\":3");
            refused.put("rejected UNKNOWN_HOST /host", create + ",\"host\":\"nowhere\"");
            refused.put("expired EXPIRED /expires_at", create + ",\"expires_at\":\"2001-01-01T00:00:00Z\"");
            refused.put("failed AMBIGUOUS_TARGET /target",
                    "\"type\":\"stop\",\"target\":\"" + up.substring(0, 12) + "\"");
            refused.put("rejected INVALID_COMMAND /resources/cpu_limit",
                    create + ",\"resources\":{\"cpu_limit\":4096}");
            refused.put("failed INVALID_STATE /force", "\"type\":\"remove\",\"target\":\"up\",\"force\":false");
            refused.put("failed PORT_IN_USE /ports/80~1tcp",
                    create + ",\"ports\":{\"80/tcp\":" + taken.getLocalPort() + "}");
            refused.put("failed PULL_FAILED ", "\"type\":\"pull\",\"image\":\"127.0.0.1:1/x\"");
            // It takes connections, and answers none.
            refused.put("failed TIMEOUT ", "\"type\":\"pull\",\"image\":\"127.0.0.1:" + taken.getLocalPort()
                    + "/mute\",\"deadline_seconds\":3");
            refused.put("failed ENGINE_ERROR ", create + ",\"devices\":[\"/dev/not-there\"]");
            send("\"id\":\"no-replacement\",\"type\":\"replace\",\"target\":\"up\",\"resources\":{\"cpu_limit\":4096}");
            assertEquals("rejected INVALID_COMMAND", end("no-replacement"));
            refused.forEach((why, command) -> send("\"id\":\"" + id(why) + "\"," + command));
            refused.put(NO_LOG_DRIVER, "sent at the start");
            refused.forEach((why, _) -> {
                JsonNode result = upstream.result(id(why));
                assertEquals(why, result.path("status").asText() + " " + result.at("/error/code").asText() + " "
                        + (result.at("/error/field").isNull() ? "" : result.at("/error/field").asText()),
                        result::toString);
            });
        }
    }

    /** Of an image of its own, so that no command to the other one's containers waits behind it. */
    private static void sendWithoutLogDriver() throws Exception {
        Upstream.docker("tag", LOCAL, PLUGIN);
        OPENED.atTheEnd(() -> Upstream.docker("rmi", PLUGIN));
        upstream.send("plugin", "{\"id\":\"" + id(NO_LOG_DRIVER) + "\",\"type\":\"create\",\"image\":\"" + PLUGIN
                + "\",\"pull_policy\":\"never\",\"log_driver\":\"grafana/loki-docker-driver:latest\"}");
    }

    private static String id(String why) {
        return "refused-" + why.strip().replaceAll("[^A-Za-z_]+", "-");
    }

    @Test
    void whatHasNotBegunCanBeCancelled() throws Exception {
        String create = "\"type\":\"create\",\"image\":\"" + LOCAL + "\",\"pull_policy\":\"never\"";
        send("\"id\":\"busy-1\"," + create
                + ",\"name\":\"busy\",\"network_mode\":\"none\",\"command\":[\"sleep\",\"60\"]");
        succeeded("busy-1");
        send("\"id\":\"busy-2\",\"type\":\"stop\",\"target\":\"busy\",\"stop_grace_period\":\"60s\"");
        send("\"id\":\"busy-3\",\"type\":\"remove\",\"target\":\"busy\"");
        send("\"id\":\"busy-4\",\"type\":\"cancel\",\"command_id\":\"busy-3\"");
        send("\"id\":\"busy-5\",\"type\":\"cancel\",\"command_id\":\"busy-1\"");
        assertEquals("cancelled CANCELLED", end("busy-3"));
        assertEquals("succeeded ", end("busy-4"));
        assertEquals("failed TOO_LATE", end("busy-5"));
        Upstream.docker("kill", "busy");
        assertEquals("succeeded ", end("busy-2"));
    }

    @Test
    void whatIsNoCommandIsSetAside() {
        database.jdbi().useHandle(handle -> {
            handle.execute("create function refuse() returns trigger language plpgsql as $$ begin "
                    + "if new.id = 'poison' then raise 'refused' using errcode = '23514'; end if; "
                    + "return new; end $$");
            handle.execute("create trigger refuse before insert on commands for each row execute function refuse()");
        });
        Map<String, String> letters = new HashMap<>();
        letters.put("NOT_JSON", "{");
        letters.put("NOT_A_COMMAND", "{\"id\":\"no-type\"}");
        letters.put("DUPLICATE_KEY", "{\"id\":\"twice\",\"type\":\"stop\",\"target\":\"a\",\"target\":\"b\"}");
        letters.put("TOO_DEEP", "{\"id\":\"deep\",\"type\":\"stop\",\"target\":" + "[".repeat(40) + "]".repeat(40)
                + "}");
        letters.put("TOO_LARGE", "{\"id\":\"large\",\"type\":\"stop\",\"target\":\"" + "x".repeat(300_000) + "\"}");
        letters.put("REFUSED_BY_STORE", "{\"id\":\"poison\",\"type\":\"stop\",\"image\":\"no-such\"}");
        letters.values().forEach(letter -> upstream.send("letters", letter));
        upstream.send("letters", "{\"id\":\"behind\",\"type\":\"stop\",\"image\":\"no-such\"}");
        succeeded("behind");
        letters.forEach((code, sent) -> Awaitility.await(code).atMost(LONG).until(() -> upstream.seen("commands.dlq")
                .stream().filter(one -> code.equals(one.headers().get("dockworker_error_code")))
                .map(ReadCommitted.Seen::value).toList().equals(List.of(sent))));
    }

    private static void send(String command) {
        upstream.send("any", "{" + command + "}");
    }

    private static String end(String id) {
        JsonNode result = upstream.result(id);
        return result.path("status").asText() + " " + result.at("/error/code").asText("");
    }

    private static JsonNode succeeded(String id) {
        JsonNode result = upstream.result(id);
        assertEquals("succeeded", result.path("status").asText(), result::toString);
        return result;
    }
}
