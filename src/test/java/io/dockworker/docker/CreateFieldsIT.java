package io.dockworker.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import io.dockworker.Coverage;
import io.dockworker.TestImages;
import io.dockworker.command.Command;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ImageName;
import io.dockworker.command.SpecField;
import io.dockworker.execution.ContainerEngine;
import io.dockworker.execution.EngineCall;
import io.dockworker.wire.CommandDecoder;
import io.dockworker.wire.CommandFields;
import io.dockworker.wire.Decoded;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every field of a create arrives in the engine as docker's own command line would have made it. */
final class CreateFieldsIT {
    private static final ImageName IMAGE = new ImageName("dockertest-fields:1");
    private static final String NETWORK = "dockertest-fields";
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /** The command line gives the first two in any order, the engine the last. */
    private static final Set<String> IN_ANY_ORDER = Set.of("Config.Env", "HostConfig.Ulimits", "Mounts");

    /** Those that each engine knows, by their numbers (capabilities(7)). */
    private static final List<String> CAPABILITIES = List.of("CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER",
            "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST",
            "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE",
            "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD",
            "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM",
            "BLOCK_SUSPEND", "AUDIT_READ");

    @TempDir
    private static Path secrets;
    private static DockerEngine engine;

    /** A field as a command writes it, and as `docker create` does. */
    record Field(SpecField field, String json, List<String> options) {
        Field(SpecField field, String json, String... options) {
            this(field, json, List.of(options));
        }

        JsonNode command() throws IOException {
            return EngineLink.JSON.createObjectNode().put("type", "create").put("image", IMAGE.given())
                    .set(field.toString(), EngineLink.JSON.readTree(json));
        }

        @Override
        public String toString() {
            return field.toString();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        Files.writeString(secrets.resolve("db-password"), "s3cret\n");
        engine = DockerEngine.connect(DockerConnection.LOCAL, secrets, new SimpleMeterRegistry());
        LocalImage.build(engine, IMAGE);
        docker("network", "create", NETWORK);
    }

    @AfterAll
    static void stop() throws Exception {
        docker("network", "rm", NETWORK);
        LocalImage.remove(engine, IMAGE);
        engine.close();
    }

    static Stream<Field> fields() {
        return Stream.of(
                new Field(SpecField.ENV, "{\"A\": \"b c\", \"N\": 1, \"T\": true}", "-e", "A=b c", "-e", "N=1", "-e",
                        "T=true"),
                new Field(SpecField.ENTRYPOINT, "[\"sleep\"]", "--entrypoint", "sleep"),
                new Field(SpecField.COMMAND, "[\"sleep\", \"60\"]", "", "sleep", "60"),
                new Field(SpecField.PORTS,
                        "{\"80\": 0, \"53/udp\": {\"host_ip\": \"127.0.0.1\", \"host_port\": 5353}}", "-p", "80", "-p",
                        "127.0.0.1:5353:53/udp"),
                new Field(SpecField.RESOURCES, """
                        {"cpu_limit": "500m", "memory_limit": "64m", "memory_reservation": "32m", "pids_limit": 50,
                         "shm_size": "16m"}""", "--cpus", "0.5", "-m", "64m", "--memory-reservation", "32m",
                        "--pids-limit", "50", "--shm-size", "16m"),
                new Field(SpecField.RESOURCES, """
                        {"cpu_limit": 1.5, "memory_limit": 67108864, "memory_reservation": 33554432,
                         "shm_size": 16777216}""", "--cpus", "1.5", "-m", "67108864", "--memory-reservation",
                        "33554432", "--shm-size", "16777216"),
                new Field(SpecField.LABELS, "{\"team\": \"x\", \"n\": 1, \"t\": true}", "-l", "team=x", "-l", "n=1",
                        "-l", "t=true"),
                new Field(SpecField.RESTART_POLICY, "{\"name\": \"on-failure\", \"maximum_retry_count\": 3}",
                        "--restart",
                        "on-failure:3"),
                new Field(SpecField.RESTART_POLICY, "{\"name\": \"no\"}", "--restart", "no"),
                new Field(SpecField.RESTART_POLICY, "{\"name\": \"always\"}", "--restart", "always"),
                new Field(SpecField.RESTART_POLICY, "{\"name\": \"unless-stopped\"}", "--restart", "unless-stopped"),
                new Field(SpecField.HEALTHCHECK,
                        """
                                {"test": "true", "interval": "1m30s", "timeout": "500ms", "retries": 2, "start_period": "5s"}""",
                        "--health-cmd", "true", "--health-interval", "1m30s", "--health-timeout", "500ms",
                        "--health-retries", "2", "--health-start-period", "5s"),
                new Field(SpecField.HEALTHCHECK, "{\"test\": [\"CMD-SHELL\", \"true\"]}", "--health-cmd", "true"),
                new Field(SpecField.HEALTHCHECK, "{\"test\": [\"NONE\"]}", "--no-healthcheck"),
                new Field(SpecField.VOLUMES, """
                        [{"type": "volume", "source": "dockertest-fields", "target": "/data"},
                         {"type": "bind", "source": "/tmp", "target": "/host", "read_only": true}]""", "--mount",
                        "type=volume,source=dockertest-fields,target=/data", "--mount",
                        "type=bind,source=/tmp,target=/host,readonly"),
                new Field(SpecField.TMPFS, "[\"/run\", \"/scratch:size=1m\"]", "--tmpfs", "/run", "--tmpfs",
                        "/scratch:size=1m"),
                new Field(SpecField.TMPFS, "\"/run\"", "--tmpfs", "/run"),
                new Field(SpecField.NETWORKS, "[\"" + NETWORK + "\"]", "--network", NETWORK),
                new Field(SpecField.NETWORKS, "\"" + NETWORK + "\"", "--network", NETWORK),
                new Field(SpecField.NETWORK_MODE, "\"host\"", "--network", "host"),
                new Field(SpecField.HOSTNAME, "\"box\"", "--hostname", "box"),
                new Field(SpecField.EXTRA_HOSTS, "{\"db\": \"10.0.0.7\"}", "--add-host", "db:10.0.0.7"),
                new Field(SpecField.EXTRA_HOSTS, "\"db:10.0.0.7\"", "--add-host", "db:10.0.0.7"),
                new Field(SpecField.EXTRA_HOSTS, "[\"db:10.0.0.7\", \"up:host-gateway\"]", "--add-host", "db:10.0.0.7",
                        "--add-host", "up:host-gateway"),
                new Field(SpecField.DNS, "\"1.1.1.1\"", "--dns", "1.1.1.1"),
                new Field(SpecField.DNS, "[\"1.1.1.1\", \"1.0.0.1\"]", "--dns", "1.1.1.1", "--dns", "1.0.0.1"),
                new Field(SpecField.USER, "\"1000:1000\"", "--user", "1000:1000"),
                new Field(SpecField.WORKING_DIR, "\"/tmp\"", "--workdir", "/tmp"),
                new Field(SpecField.INIT, "true", "--init"), new Field(SpecField.READ_ONLY, "true", "--read-only"),
                new Field(SpecField.STOP_SIGNAL, "\"INT\"", "--stop-signal", "SIGINT"),
                new Field(SpecField.STOP_SIGNAL, "2", "--stop-signal", "SIGINT"),
                new Field(SpecField.STOP_GRACE_PERIOD, "\"1m\"", "--stop-timeout", "60"),
                new Field(SpecField.CAP_ADD, "\"ALL\"", "--cap-add", "ALL"),
                capabilities(SpecField.CAP_ADD, "--cap-add"),
                capabilities(SpecField.CAP_DROP, "--cap-drop"),
                new Field(SpecField.CAP_DROP, "\"all\"", "--cap-drop", "ALL"),
                new Field(SpecField.PRIVILEGED, "true", "--privileged"),
                new Field(SpecField.PID, "\"host\"", "--pid", "host"),
                new Field(SpecField.DEVICES, "[\"/dev/null:/dev/nothing:r\"]", "--device", "/dev/null:/dev/nothing:r"),
                new Field(SpecField.DEVICES, "\"/dev/null\"", "--device", "/dev/null"),
                new Field(SpecField.SECURITY_OPT, "[\"no-new-privileges\"]", "--security-opt", "no-new-privileges"),
                new Field(SpecField.SECURITY_OPT, "\"seccomp=unconfined\"", "--security-opt", "seccomp=unconfined"),
                // Docker hands the colon on, and the engine calls it deprecated; to both it means the same.
                new Field(SpecField.SECURITY_OPT, """
                        ["no-new-privileges:true", "label:disable", "apparmor:unconfined", "seccomp:unconfined"]""",
                        "--security-opt", "no-new-privileges=true", "--security-opt", "label=disable", "--security-opt",
                        "apparmor=unconfined", "--security-opt", "seccomp=unconfined"),
                new Field(SpecField.SYSCTLS, """
                        {"net.core.somaxconn": 256, "net.ipv4.ip_local_port_range": "1024 2048",
                         "net.ipv4.ip_forward": true}""", "--sysctl", "net.core.somaxconn=256", "--sysctl",
                        "net.ipv4.ip_local_port_range=1024 2048", "--sysctl", "net.ipv4.ip_forward=true"),
                new Field(SpecField.ULIMITS, "{\"nofile\": {\"soft\": 100, \"hard\": 200}, \"nproc\": 50}", "--ulimit",
                        "nofile=100:200", "--ulimit", "nproc=50"),
                new Field(SpecField.LOG_DRIVER, "\"local\"", "--log-driver", "local"),
                new Field(SpecField.LOG_OPTS, "{\"max-size\": \"1m\"}", "--log-opt", "max-size=1m"),
                new Field(SpecField.LOG_OPTS, "{\"max-size\": \"1m\", \"max-file\": 2, \"compress\": true}",
                        "--log-opt", "max-size=1m", "--log-opt", "max-file=2", "--log-opt", "compress=true"),
                new Field(SpecField.GPUS, "[\"GPU-1\"]", "--gpus", "\"device=GPU-1\""),
                new Field(SpecField.GPUS, "2", "--gpus", "2"), new Field(SpecField.GPUS, "\"all\"", "--gpus", "all"),
                new Field(SpecField.PLATFORM, "\"linux/amd64\"", "--platform", "linux/amd64"),
                new Field(SpecField.SECRET_REFS, "{\"DB_PASSWORD\": \"db-password\"}", "-e", "DB_PASSWORD=s3cret"));
    }

    /** All of them, in each spelling. */
    private static Field capabilities(SpecField field, String option) {
        List<String> names = new ArrayList<>();
        List<String> options = new ArrayList<>();
        for (String name : CAPABILITIES) {
            String full = names.size() % 2 == 0 ? name : "CAP_" + name;
            names.add(names.size() % 4 < 2 ? full : full.toLowerCase(Locale.ROOT));
            options.addAll(List.of(option, name));
        }
        return new Field(field, EngineLink.JSON.valueToTree(names).toString(), options);
    }

    @ParameterizedTest
    @MethodSource("fields")
    void itIsAsDockerItselfMakesIt(Field field) throws Exception {
        var docker = new ArrayList<>(List.of("create"));
        List<String> command = new ArrayList<>();
        for (String option : field.options()) {
            (field.field() == SpecField.COMMAND ? command : docker).add(option);
        }
        docker.add(IMAGE.given());
        docker.addAll(command.stream().filter(word -> !word.isEmpty()).toList());
        String theirs = docker(docker.toArray(String[]::new)).lines().reduce((_, last) -> last).orElseThrow();
        try {
            String ours = created(field);
            try {
                Set<String> expected = described(theirs);
                Set<String> made = described(ours);
                Set<String> both = new TreeSet<>(expected);
                both.retainAll(made);
                expected.removeAll(both);
                made.removeAll(both);
                assertEquals(expected, made, "what only one of the two has");
                Coverage.sawFields(field.command());
            } finally {
                docker("rm", "-v", ours);
            }
        } finally {
            docker("rm", "-v", theirs);
        }
    }

    @Test
    void whetherItKnowsTheLatestCapabilitiesIsForTheEngineToSay() throws Exception {
        for (String name : List.of("PERFMON", "CAP_BPF", "checkpoint_restore")) {
            String theirs = TestImages.run(null, 1, "docker", "create", "--cap-add", name, IMAGE.given());
            switch (answer(new Field(SpecField.CAP_ADD, "\"" + name + "\"").command())) {
                case ContainerEngine.Answer.Done done ->
                    docker("rm", theirs, done.id().map(ContainerId::value).orElseThrow());
                case ContainerEngine.Answer.Refused refused ->
                    assertTrue(theirs.contains(refused.message()), () -> theirs + " / " + refused.message());
                case ContainerEngine.Answer.Impossible _,ContainerEngine.Answer.NotSent _,ContainerEngine.Answer.Unknown _ ->
                    fail(name);
            }
        }
    }

    /** How the image is got is seen by other tests, as is a health check that docker's command line has no word for. */
    @Test
    void noFieldIsLeftOut() throws IOException {
        Set<String> left = CommandFields.ofSpec();
        for (Field field : fields().toList()) {
            left.removeAll(CommandFields.used(field.command()));
        }
        left.removeIf(name -> name.startsWith("pull_policy"));
        assertEquals(Set.of("registry_auth_ref", "healthcheck.test[] = CMD"), left);
    }

    private static String created(Field field) throws IOException {
        ContainerEngine.Answer answer = answer(field.command());
        if (!(answer instanceof ContainerEngine.Answer.Done done)) {
            throw new AssertionError(answer);
        }
        return done.id().map(ContainerId::value).orElseThrow();
    }

    private static ContainerEngine.Answer answer(JsonNode command) {
        byte[] json = command.toString().getBytes(StandardCharsets.UTF_8);
        Decoded decoded = new CommandDecoder().decode(json, Map.of(), "made");
        if (!(decoded instanceof Decoded.Accepted(Command.Create create, var _))) {
            throw new AssertionError(decoded);
        }
        var call = new EngineCall.Create(new ContainerName("dockertest-" + UUID.randomUUID()), create.spec(),
                create.spec().labels());
        return engine.call(call, LIMIT);
    }

    /** All that can be configured, without what is empty: the command line writes some defaults out. */
    private static Set<String> described(String id) throws IOException {
        JsonNode seen;
        try (var response = engine.link().open(Request.Method.GET, "/containers/" + id + "/json", null, null)) {
            seen = EngineLink.JSON.readTree(response.getBody());
        }
        ObjectNode config = (ObjectNode) seen.get("Config");
        config.remove(List.of("AttachStdout", "AttachStderr", "AttachStdin"));
        if (id.startsWith(config.path("Hostname").asText("-"))) {
            config.remove("Hostname");
        }
        var told = new TreeMap<String, String>();
        collect("Config", config, told);
        collect("HostConfig", seen.get("HostConfig"), told);
        collect("Mounts", seen.get("Mounts"), told);
        seen.at("/NetworkSettings/Networks").fieldNames().forEachRemaining(name -> told.put("network " + name, ""));
        return told.entrySet().stream().map(Object::toString).collect(Collectors.toCollection(TreeSet::new));
    }

    private static void collect(String path, JsonNode node, Map<String, String> told) {
        if (node.isObject()) {
            node.properties().forEach(entry -> collect(path + "." + entry.getKey(), entry.getValue(), told));
        } else if (node.isArray()) {
            List<JsonNode> elements = new ArrayList<>();
            node.forEach(elements::add);
            if (IN_ANY_ORDER.contains(path)) {
                elements.sort(Comparator.comparing(JsonNode::toString));
            }
            for (int i = 0; i < elements.size(); i++) {
                collect(path + "." + i, elements.get(i), told);
            }
        } else if (!Set.of("", "0", "false", "null", "default", "no").contains(node.asText())) {
            // The command line writes capabilities with their prefix; the engine takes both.
            told.put(path, node.asText().replaceFirst("^CAP_", ""));
        }
    }

    private static String docker(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, process.waitFor(), () -> command + ": " + said);
        return said;
    }
}
