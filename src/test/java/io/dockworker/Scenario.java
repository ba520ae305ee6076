package io.dockworker;

import java.util.List;
import java.util.Locale;

/** A command as the fault tests send it: what must be there before, the calls that it makes, and what it comes to. */
@SuppressWarnings("ImmutableEnumChecker") // lists that List.of made
enum Scenario {
    // @formatter:off
    CREATE(Given.NOTHING, List.of("create", "connect", "start"), List.of("create", "start"), "running",
            "'image':'%2$s','name':'%1$s','pull_policy':'never','networks':['%3$s-1','%3$s-2'],'command':%4$s"),
    /** Ends by itself, and must not run a second time. */
    CREATE_JOB(Given.NOTHING, List.of("start"), List.of("create", "start"), "exited",
            "'image':'%2$s','name':'%1$s','pull_policy':'never','network_mode':'none','command':['echo','started']"),
    START(Given.CREATED, List.of("start"), List.of("start"), "running"),
    START_JOB(Given.JOB, List.of("start"), List.of("start"), "exited"),
    STOP(Given.RUNNING, List.of("stop"), List.of("stop"), "exited"),
    REMOVE(Given.RUNNING, List.of("remove"), List.of("remove"), "gone"),
    RESTART(Given.RUNNING, List.of("stop", "start"), List.of("restart", "start", "stop"), "running"),
    PAUSE(Given.RUNNING, List.of("pause"), List.of("pause"), "paused"),
    UNPAUSE(Given.PAUSED, List.of("unpause"), List.of("unpause"), "running"),
    KILL(Given.RUNNING, List.of("kill"), List.of("kill"), "running", "'target':'%1$s','signal':'USR1'"),
    KILL_IDEMPOTENT(Given.RUNNING, List.of("kill"), List.of("kill"), "running",
            "'target':'%1$s','signal':'USR1','idempotent':true"),
    UPDATE(Given.RUNNING, List.of("update"), List.of("update"), "running",
            "'target':'%1$s','resources':{'memory_limit':'64m'}"),
    RENAME(Given.RUNNING, List.of("rename"), List.of("rename"), "running",
            "'target':'%1$s','name':'%1$s-renamed'"),
    REPLACE(Given.RUNNING, List.of("create", "start", "stop", "remove", "rename"),
            List.of("create", "remove", "start", "stop"), "running",
            "'target':'%1$s','pull_policy':'never','env':{'REPLACED':'yes'}"),
    PULL(Given.NOTHING, List.of("pull"), List.of(), "gone", "'image':'%5$s','registry_auth_ref':'login'");
    // @formatter:on

    /** What has to be there before. */
    enum Given {
        NOTHING, CREATED, JOB, RUNNING, PAUSED;

        boolean isUp() {
            return this == RUNNING || this == PAUSED;
        }
    }

    /** Tells of each start and each signal, and ends at once when it is asked to. */
    private static final String SERVER = """
            ["sh","-c","trap 'exit 0' TERM; trap 'echo heard' USR1; echo started; while :; do sleep 600 & wait; done"]""";

    final Given given;
    /** In order, by their kinds. */
    final List<String> calls;
    /** Sorted. */
    final List<String> events;
    /** The container's state in the end. */
    final String state;
    private final String fields;

    Scenario(Given given, List<String> calls, List<String> events, String state) {
        this(given, calls, events, state, "'target':'%1$s'");
    }

    Scenario(Given given, List<String> calls, List<String> events, String state, String fields) {
        this.given = given;
        this.calls = calls;
        this.events = events;
        this.state = state;
        this.fields = fields;
    }

    /** The command's type. */
    String type() {
        return switch (this) {
            case CREATE_JOB -> "create";
            case START_JOB -> "start";
            case KILL_IDEMPOTENT -> "kill";
            case CREATE, START, STOP, REMOVE, RESTART, PAUSE, UNPAUSE, KILL, UPDATE, RENAME, REPLACE, PULL -> name()
                    .toLowerCase(Locale.ROOT);
        };
    }

    boolean isJob() {
        return this == CREATE_JOB || this == START_JOB;
    }

    /** It makes the container that it is about. */
    boolean isMaking() {
        return this == CREATE || this == CREATE_JOB || this == REPLACE;
    }

    /** How often its container has been started in the end. */
    int starts() {
        return this == RESTART ? 2 : 1;
    }

    /** Makes what must be there before. */
    String givenJson(String name, String image) {
        return """
                {"id":"given-%1$s","type":"create","image":"%2$s","name":"%1$s","pull_policy":"never",
                 "network_mode":"none","start":%3$s,"command":%4$s}""".formatted(name, image, given.isUp(),
                given == Given.JOB ? "[\"echo\",\"started\"]" : SERVER);
    }

    /** @param name of the container, and the command's id */
    String json(String name, int deadlineSeconds, String image, String network, String pulled) {
        return "{\"id\":\"" + name + "\",\"type\":\"" + type() + "\",\"deadline_seconds\":" + deadlineSeconds + ","
                + fields.replace('\'', '"').formatted(name, image, network, SERVER, pulled) + "}";
    }
}
