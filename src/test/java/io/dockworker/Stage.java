package io.dockworker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.command.ContainerId;
import io.dockworker.docker.ContainerLogs;
import io.dockworker.docker.DockerConnection;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.Registry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** What the fault tests play on: real services, and a way to the engine that treats chosen calls badly. */
@SuppressWarnings("try")
final class Stage implements AutoCloseable {
    static final Duration LONG = Duration.ofMinutes(5);

    final String image;
    final Upstream upstream;
    final EngineWay way;
    final Witness witness;
    final List<String> flags;
    private final Opened opened = new Opened();
    private final String network;
    private final Registry registry;
    private final ContainerLogs logs;

    /** @param name of its own, for its topics and its image */
    Stage(String name, Path directory) throws Exception {
        image = "dockworker-" + name + ":1";
        network = "dockworker-" + name;
        try {
            opened.own(new TestImage(image));
            logs = new ContainerLogs(opened.own(DockerEngine.connect(DockerConnection.LOCAL,
                    new SimpleMeterRegistry())));
            // A killed run leaves all of it behind.
            clear();
            opened.atTheEnd(this::clear);
            for (int i = 1; i <= 2; i++) {
                Upstream.docker("network", "create", network + "-" + i);
            }
            Path secrets = Files.createDirectory(directory.resolve("secrets"));
            Files.writeString(secrets.resolve("login"), Registry.LOGIN + "\n");
            registry = opened.own(new Registry(Files.createDirectory(directory.resolve("registry"))));
            upstream = opened.own(new Upstream(name + "."));
            way = opened.own(EngineWay.at(directory.resolve("docker.sock"), Way.localEngine()));
            witness = new Witness(way);
            flags = new ArrayList<>(upstream.flags(directory.resolve("lock"), name));
            // Samples of so many containers would keep this machine busy.
            flags.removeIf(flag -> flag.startsWith("--health-interval-seconds="));
            flags.add("--secrets-dir=" + secrets);
            flags.add("--docker-host=unix://" + directory.resolve("docker.sock"));
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    Worker worker() throws Exception {
        return Upstream.worker(flags);
    }

    /** Sends what must be there before; {@link #awaitGiven} waits for it. */
    void give(Scenario scenario, String name) throws IOException, InterruptedException {
        if (scenario == Scenario.PULL) {
            registry.push(image, name + ":1");
        }
        if (scenario.given != Scenario.Given.NOTHING) {
            upstream.send(name, scenario.givenJson(name, image));
        }
    }

    /** Returns when what must be there is there, and hears its signals. */
    void awaitGiven(Map<String, Scenario> given) throws IOException, InterruptedException {
        Map<String, Scenario> some = given.entrySet().stream()
                .filter(one -> one.getValue().given != Scenario.Given.NOTHING)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        await(some.keySet().stream().map(name -> "given-" + name).toList());
        Map<String, List<JsonNode>> results = byCommand("results");
        for (var one : some.entrySet()) {
            if (one.getValue().given.isUp()) {
                String id = results.get("given-" + one.getKey()).getFirst().at("/containers/0/id").asText();
                Awaitility.await().atMost(LONG).until(() -> said(id, "started") == 1);
            }
        }
        List<String> pausing = some.keySet().stream().filter(name -> some.get(name).given == Scenario.Given.PAUSED)
                .toList();
        pausing.forEach(name -> upstream.send(name,
                "{\"id\":\"paused-%1$s\",\"type\":\"pause\",\"target\":\"%1$s\"}".formatted(name)));
        await(pausing.stream().map(name -> "paused-" + name).toList());
    }

    /** The command's id is its container's name. */
    void send(Scenario scenario, String name, int deadlineSeconds) {
        upstream.send(name, scenario.json(name, deadlineSeconds, image, network, registry.name(name + ":1")));
    }

    /** Waits for a result of each of these commands. */
    void await(Collection<String> commands) {
        Awaitility.await().atMost(LONG).untilAsserted(() -> {
            Set<String> missing = new HashSet<>(commands);
            missing.removeAll(byCommand("results").keySet());
            if (!missing.isEmpty()) {
                throw new AssertionError("no result of " + missing);
            }
        });
    }

    /** What there is on a topic, by command. */
    Map<String, List<JsonNode>> byCommand(String topic) {
        return upstream.values(topic).stream().collect(Collectors.groupingBy(one -> one.path("command_id").asText()));
    }

    /** Whatever was published before this was called has been read when it returns. */
    void barrier(String id) {
        upstream.send("barrier", "{\"id\":\"" + id + "\",\"type\":\"stop\",\"target\":\"nobody-there\"}");
        await(List.of(id));
    }

    /** How often a container has written this line. */
    long said(String container, String line) throws IOException {
        var opening = logs.open(new ContainerId(container), OptionalInt.empty(), Optional.empty(), false, false);
        if (!(opening instanceof ContainerLogs.Opening.Opened(InputStream bytes))) {
            throw new IOException(opening.toString());
        }
        try (bytes) {
            return new String(bytes.readAllBytes(), UTF_8).lines().filter(line::equals).count();
        }
    }

    boolean hasPulled(String name) throws InterruptedException {
        try {
            Upstream.docker("image", "inspect", registry.name(name + ":1"));
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private void clear() throws IOException, InterruptedException {
        remove(Witness.containers(image));
        for (String one : Upstream.docker("network", "ls", "-q", "--filter", "name=^" + network + "-").lines()
                .toList()) {
            Upstream.docker("network", "rm", one);
        }
    }

    void remove(List<JsonNode> containers) throws IOException, InterruptedException {
        if (!containers.isEmpty()) {
            List<String> words = new ArrayList<>(List.of("rm", "-f"));
            containers.forEach(one -> words.add(one.path("Id").asText()));
            Upstream.docker(words.toArray(String[]::new));
        }
    }

    void removePulled(String name) throws IOException, InterruptedException {
        Upstream.docker("rmi", registry.name(name + ":1"));
    }

    @Override
    public void close() throws Exception {
        opened.close();
    }
}
