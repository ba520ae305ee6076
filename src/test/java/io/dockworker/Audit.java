package io.dockworker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Holds what a command has come to against what is promised. */
final class Audit {
    final Scenario scenario;
    final String name;
    private final Stage stage;
    private final int since;
    private final List<JsonNode> results;
    private final List<JsonNode> events;
    private final List<JsonNode> containers;
    private final List<String> faults = new ArrayList<>();

    /**
     * @param name       of the command, and of its container
     * @param since      how many calls the engine had been asked for before
     * @param results    of the command
     * @param events     of the command
     * @param containers all that there are
     */
    Audit(Stage stage, Scenario scenario, String name, int since, List<JsonNode> results, List<JsonNode> events,
            List<JsonNode> containers) {
        this.stage = stage;
        this.scenario = scenario;
        this.name = name;
        this.since = since;
        this.results = results;
        this.events = events;
        this.containers = containers;
        same("results", 1, results.size());
    }

    List<String> faults() {
        if (!faults.isEmpty()) {
            faults.add("the engine did: " + stage.witness.said(name, since));
            faults.add("result: " + results);
        }
        return faults;
    }

    void same(String what, Object wanted, Object found) {
        if (!wanted.equals(found)) {
            faults.add(what + ": " + found + " instead of " + wanted);
        }
    }

    JsonNode result() {
        return results.getFirst();
    }

    String status() {
        return result().path("status").asText();
    }

    /** How often the engine did such a call. */
    long done(String call) {
        return stage.witness.done(call, name, since);
    }

    void events(List<String> wanted) {
        same("events", wanted, events.stream().map(event -> event.path("type").asText()).sorted().toList());
    }

    /** All of it, once. */
    void succeeded() throws IOException, InterruptedException {
        same("status", "succeeded", status());
        same("code", "", result().at("/error/code").asText());
        if (scenario != Scenario.PULL) {
            same("changed", true, result().path("changed").asBoolean());
        }
        events(scenario.events);
        for (String call : scenario.calls) {
            switch (scenario) {
                // What does no harm may be asked for again.
                case PULL, KILL_IDEMPOTENT -> same(call + " at least once", true, done(call) >= 1);
                case CREATE, CREATE_JOB, START, START_JOB, STOP, REMOVE, RESTART, PAUSE, UNPAUSE, KILL, UPDATE, RENAME,
                        REPLACE ->
                    same(call, 1L, done(call));
            }
        }
        if (scenario == Scenario.PULL) {
            same("image", true, stage.hasPulled(name));
        } else {
            engine();
        }
    }

    /** Nobody knows whether it was done, and nobody claims it. */
    void unknown() {
        same("status", "unknown", status());
        same("code", "OUTCOME_UNKNOWN", result().at("/error/code").asText());
        if (scenario.calls.size() == 1 && !scenario.isMaking()) {
            events(List.of());
        }
    }

    List<JsonNode> made() {
        return containers.stream().filter(one -> Witness.isMadeBy(one, name)).toList();
    }

    List<JsonNode> given() {
        return containers.stream().filter(one -> Witness.isMadeBy(one, "given-" + name)).toList();
    }

    /** The container is as the command leaves it, and there is no other. */
    void engine() throws IOException {
        boolean isGivenLeft = !scenario.isMaking() && scenario != Scenario.REMOVE;
        same("containers that it made", scenario.isMaking() ? 1 : 0, made().size());
        same("containers from before", isGivenLeft ? 1 : 0, given().size());
        Optional<JsonNode> one = (scenario.isMaking() ? made() : given()).stream().findFirst();
        if (one.isPresent()) {
            container(one.get());
        }
    }

    private void container(JsonNode container) throws IOException {
        JsonNode shown = result().at("/containers/0");
        same("state", scenario.state, container.at("/State/Status").asText());
        same("id in the result", container.path("Id").asText(), shown.path("id").asText());
        same("name", "/" + name + (scenario == Scenario.RENAME ? "-renamed" : ""), container.path("Name").asText());
        same("name in the result", container.path("Name").asText(), "/" + shown.path("name").asText());
        if (!scenario.isJob()) {
            // A job goes on by itself.
            same("state in the result", scenario.state, shown.path("state").asText());
        }
        same("memory limit", scenario == Scenario.UPDATE ? 64L << 20 : 0L,
                container.at("/HostConfig/Memory").asLong());
        same("replaced", scenario == Scenario.REPLACE, container.at("/Config/Env").toString().contains("REPLACED=yes"));
        same("networks", scenario == Scenario.CREATE ? 2 : 1, container.at("/NetworkSettings/Networks").size());
        String id = container.path("Id").asText();
        same("starts", (long) scenario.starts(), stage.said(id, "started"));
        if (scenario == Scenario.KILL || scenario == Scenario.KILL_IDEMPOTENT) {
            heard(id);
        }
    }

    private void heard(String id) {
        long signals = done("kill");
        try {
            // A signal is heard in its own time, and some that come together are heard as one.
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> scenario == Scenario.KILL
                    ? stage.said(id, "heard") == signals
                    : stage.said(id, "heard") >= 1);
        } catch (ConditionTimeoutException _) {
            faults.add("not heard as often as sent: " + signals);
        }
    }
}
