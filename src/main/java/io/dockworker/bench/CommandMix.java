package io.dockworker.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * What an upstream service might send, drawn from a seed: lanes that live on, each a container with an eventful life, and
 * jobs that run once. Some commands come twice, some are taken back, and some make no sense.
 */
final class CommandMix {
    /** A command and its key. */
    record Sent(String key, ObjectNode command) {
        String id() {
            return command.path("id").asText();
        }
    }

    /** A process that only these reach: as the first one of its container it ignores what it has not asked for. */
    private static final List<String> HARMLESS = List.of("SIGUSR1", "SIGUSR2", "SIGHUP", "SIGALRM", "SIGURG", "SIGIO",
            "SIGPWR", "SIGPROF", "SIGVTALRM", "SIGXCPU");
    private static final String BEGINS = "echo $HOSTNAME >> /ledger/runs; ";
    private static final String SERVICE = BEGINS + "trap 'exit 0' TERM; while :; do sleep 600 & wait; done";

    private final Random random;
    private final String image;
    private final Path ledger;
    private final List<Lane> lanes = new ArrayList<>();
    private final Deque<Sent> due = new ArrayDeque<>();
    private int number;
    private int jobs;

    /** @param ledger a directory in which each process notes that it begins, in the file {@code runs} */
    CommandMix(long seed, int lanes, String image, Path ledger) {
        this.random = new Random(seed);
        this.image = image;
        this.ledger = ledger;
        for (int i = 1; i <= lanes; i++) {
            this.lanes.add(new Lane("chaos-" + i));
        }
    }

    /** What this side believes of a container. */
    private static final class Lane {
        private final String key;
        private String name;
        private boolean exists;
        private boolean paused;
        private Sent last;

        private Lane(String key) {
            this.key = key;
            this.name = key;
        }
    }

    /** The next one to send. */
    Sent next() {
        if (due.isEmpty()) {
            if (random.nextInt(100) < 15) {
                job();
            } else {
                of(lanes.get(random.nextInt(lanes.size())));
            }
        }
        return due.removeFirst();
    }

    private void of(Lane lane) {
        int draw = random.nextInt(100);
        if (draw < 5 && lane.last != null) {
            // Redelivered: the same once more.
            due.add(lane.last);
            return;
        }
        ObjectNode command = lane.exists || draw < 15 ? change(lane) : create(lane);
        var sent = new Sent(lane.key, command);
        int cancelling = random.nextInt(100);
        if (cancelling < 3) {
            due.add(cancel(lane, sent));
            due.add(sent);
        } else {
            due.add(sent);
            if (cancelling < 8) {
                due.add(cancel(lane, sent));
            }
        }
        lane.last = sent;
    }

    private ObjectNode create(Lane lane) {
        lane.exists = true;
        lane.paused = false;
        lane.name = lane.key;
        return container(lane.key, "service", SERVICE);
    }

    private ObjectNode container(String name, String kind, String script) {
        ObjectNode create = command("create").put("image", image).put("pull_policy", "never").put("network_mode",
                "none");
        if (!name.isEmpty()) {
            create.put("name", name);
        }
        create.putArray("command").add("sh").add("-c").add(script);
        create.putObject("labels").put("kind", kind);
        create.putArray("volumes").addObject().put("type", "bind").put("source", ledger.toString()).put("target",
                "/ledger");
        return create;
    }

    private ObjectNode change(Lane lane) {
        if (lane.paused && random.nextInt(100) < 60) {
            lane.paused = false;
            return aimed("unpause", lane);
        }
        int draw = random.nextInt(100);
        if (draw < 14) {
            return aimed("stop", lane).put("stop_grace_period", "2s");
        } else if (draw < 28) {
            return aimed("start", lane);
        } else if (draw < 44) {
            return aimed("restart", lane).put("stop_grace_period", "2s");
        } else if (draw < 52) {
            lane.paused = true;
            return aimed("pause", lane);
        } else if (draw < 55) {
            return aimed("unpause", lane);
        } else if (draw < 67) {
            return aimed("kill", lane).put("signal", HARMLESS.get(random.nextInt(HARMLESS.size())));
        } else if (draw < 70) {
            return aimed("kill", lane).put("signal", "SIGKILL");
        } else if (draw < 77) {
            ObjectNode rename = aimed("rename", lane);
            lane.name = lane.name.equals(lane.key) ? lane.key + "-b" : lane.key;
            return rename.put("name", lane.name);
        } else if (draw < 84) {
            ObjectNode update = aimed("update", lane);
            update.putObject("resources").put("memory_limit", (24L + random.nextInt(40)) << 20);
            return update;
        } else if (draw < 88) {
            ObjectNode replace = aimed("replace", lane).put("order",
                    random.nextBoolean() ? "start-first" : "stop-first");
            replace.putObject("env").put("GENERATION", String.valueOf(number));
            return replace;
        } else if (draw < 91) {
            // Under a name that is held.
            return container(lane.name, "service", SERVICE);
        }
        lane.exists = false;
        lane.paused = false;
        ObjectNode remove = aimed("remove", lane);
        lane.name = lane.key;
        return remove;
    }

    /**
     * Runs once, unless it is started again; some have no name, so that only their id says which is which. Most that can be
     * named are removed: what stays is looked at by each worker when it starts, and there may be thousands.
     */
    private void job() {
        if (random.nextInt(8) == 0) {
            due.add(new Sent(image, container("", "job", BEGINS)));
            return;
        }
        String name = "chaos-job-" + ++jobs;
        due.add(new Sent(name, container(name, "job", BEGINS)));
        int draw = random.nextInt(100);
        if (draw < 30) {
            due.add(new Sent(name, command("start").put("target", name)));
        }
        if (draw >= 5) {
            due.add(new Sent(name, command("remove").put("target", name)));
        }
    }

    private Sent cancel(Lane lane, Sent command) {
        return new Sent(lane.key, command("cancel").put("command_id", command.id()));
    }

    private ObjectNode aimed(String type, Lane lane) {
        return command(type).put("target", lane.name);
    }

    private ObjectNode command(String type) {
        return JsonNodeFactory.instance.objectNode().put("id", "chaos-" + ++number + "-" + type).put("type", type);
    }
}
