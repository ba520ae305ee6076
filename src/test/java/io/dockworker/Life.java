package io.dockworker;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Commands for one container, drawn by lot, each of which finds it in a state in which it succeeds and changes
 * something; and what is there of it when all of them have.
 */
final class Life {
    private static final int LEAST_MEGABYTES = 32;

    /** What an engine says of a container that has its place in Docker's life cycle. */
    enum State {
        RUNNING, PAUSED, EXITED, REMOVED;

        private List<String> verbs() {
            return switch (this) {
                case RUNNING -> List.of("stop", "restart", "pause", "kill", "update", "rename", "remove");
                case PAUSED -> List.of("unpause");
                case EXITED -> List.of("start", "rename", "remove");
                case REMOVED -> List.of();
            };
        }
    }

    final String first;
    final List<String> ids = new ArrayList<>();
    private final List<String> commands = new ArrayList<>();
    private State state;
    private String name;
    private int starts;
    private int megabytes = LEAST_MEGABYTES;

    /**
     * @param name   the first one, of which its commands are named, too
     * @param length how many commands at most
     */
    Life(String name, String image, int length, RandomGenerator lot) {
        this(name, image, "", length, lot);
    }

    /** @param more fields of the first command, each with a comma behind it */
    Life(String name, String image, String more, int length, RandomGenerator lot) {
        this.name = name;
        first = name;
        command("create", more + """
                "image":"%s","name":"%s","pull_policy":"never","network_mode":"none","resources":{"memory_limit":"%dm"},
                "command":["sh","-c","echo started; trap 'exit 0' TERM; while :; do sleep 60 & wait; done"]"""
                .formatted(image, name, megabytes));
        state = State.RUNNING;
        starts = 1;
        while (ids.size() < length && !state.verbs().isEmpty()) {
            next(state.verbs().get(lot.nextInt(state.verbs().size())));
        }
    }

    private void next(String verb) {
        String target = "\"target\":\"" + name + "\"";
        switch (verb) {
            case "rename" -> {
                name = first + "-" + ids.size();
                command(verb, target + ",\"name\":\"" + name + "\"");
            }
            case "update" -> {
                megabytes++;
                command(verb, target + ",\"resources\":{\"memory_limit\":\"" + megabytes + "m\"}");
            }
            case "stop", "restart" -> command(verb, target + ",\"stop_grace_period\":\"1s\"");
            default -> command(verb, target);
        }
        state = switch (verb) {
            case "stop", "kill" -> State.EXITED;
            case "start", "restart", "unpause" -> State.RUNNING;
            case "pause" -> State.PAUSED;
            case "remove" -> State.REMOVED;
            default -> state;
        };
        if (verb.equals("start") || verb.equals("restart")) {
            starts++;
        }
    }

    private void command(String verb, String rest) {
        String id = first + "-" + ids.size() + "-" + verb;
        ids.add(id);
        commands.add("{\"id\":\"%s\",\"type\":\"%s\",%s}".formatted(id, verb, rest));
    }

    /** As they are sent, in order. */
    List<String> commands() {
        return commands;
    }

    /** How often its program may have begun at most. */
    int starts() {
        return starts;
    }

    /** What {@code docker inspect} shows of it at the end: name, state and memory limit; empty if it is removed. */
    String end() {
        return state == State.REMOVED
                ? ""
                : "/" + name + " " + state.name().toLowerCase(Locale.ROOT) + " " + ((long) megabytes << 20);
    }
}
