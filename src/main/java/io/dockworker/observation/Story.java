package io.dockworker.observation;

import io.dockworker.command.CommandId;
import io.dockworker.command.CommandType;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerEvent.Cause;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.HostId;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.Labels;
import io.dockworker.command.Limits;
import io.dockworker.command.Signals;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.journal.Observations.Past;
import io.dockworker.journal.Observations.Told;
import io.dockworker.observation.Causes.Why;
import io.dockworker.observation.EngineEvents.Action;
import io.dockworker.observation.EngineEvents.Hint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What has happened to one container, between what is on record and what its engine shows now. The hints are played over
 * the record; where they do not lead to what the engine shows, the rest is told from the difference. A command's doings
 * are told by its end, and here only what is left of them.
 */
final class Story {
    /** Changes of this age that are not on record are told even where the container's record shows them already. */
    static final Duration YOUNG = Duration.ofMinutes(10);
    private static final Duration SAME_CHANGE = Duration.ofSeconds(5);
    private static final Set<CommandType> STARTING = EnumSet.of(CommandType.CREATE, CommandType.START,
            CommandType.RESTART, CommandType.REPLACE);
    private static final Set<CommandType> RENAMING = EnumSet.of(CommandType.RENAME, CommandType.REPLACE);
    private static final Set<CommandType> REMOVING = EnumSet.of(CommandType.REMOVE, CommandType.REPLACE);

    private final HostId host;
    private final Optional<ContainerSnapshot> before;
    private final Optional<ContainerSnapshot> now;
    private final ContainerSnapshot shown;
    private final List<Hint> hints;
    private final Instant askedAt;
    private final Moments moments;
    private final Causes causes;
    private final List<ContainerEvent> events = new ArrayList<>();
    private final Map<Instant, OptionalInt> exitCodes = new HashMap<>();
    private boolean updated;

    private Story(HostId host, Past past, Optional<ContainerSnapshot> now, ContainerSnapshot shown, Heard heard,
            Instant askedAt) {
        this.host = host;
        this.before = past.row().map(ManagedContainer::container);
        this.now = now;
        this.shown = shown;
        this.hints = heard.hints();
        this.askedAt = askedAt;
        this.moments = new Moments(past.told(), Stream.concat(before.stream(), Stream.of(shown)), heard);
        this.causes = new Causes(past, heard.hints(), moments);
    }

    /**
     * Tells what happened, in order.
     *
     * @param now      as the engine shows it; empty where it says that there is none
     * @param lastSeen as it was seen last where it is gone, and is not on record
     * @param heard    of this container
     * @param askedAt  when the engine was asked, for what the engine keeps no time of
     * @param patient  whether what the stream will say better, mostly in a moment, may be waited for
     * @return empty if it is to be waited for
     */
    static Optional<List<ContainerEvent>> of(HostId host, Past past, Optional<ContainerSnapshot> now,
            Optional<ContainerSnapshot> lastSeen, Heard heard, Instant askedAt, boolean patient) {
        Optional<Instant> over = past.told().stream()
                .filter(event -> event.type() == ContainerEvent.Type.REMOVE
                        || event.type() == ContainerEvent.Type.VANISHED)
                .map(Told::at).findFirst();
        Optional<ContainerSnapshot> shown = now.or(() -> lastSeen)
                .or(() -> past.row().map(ManagedContainer::container))
                .or(() -> over.flatMap(_ -> outline(heard.hints())));
        if (shown.isEmpty()) {
            return Optional.of(List.of());
        }
        var story = new Story(host, past, now, shown.get(), heard, askedAt);
        story.hear();
        if (patient && now.filter(story::isToBeHeard).isPresent()) {
            return Optional.empty();
        }
        List<ContainerEvent> told = story.told();
        // Ids are never used again, and the command that removed it has told its own doings: what is left is what came
        // before, such as an end by itself while the command waited for its turn.
        return Optional.of(over.isEmpty()
                ? told
                : told.stream().filter(event -> event.at().isBefore(over.get()) && event.cause() != Cause.COMMAND
                        && event.type() != ContainerEvent.Type.REMOVE).toList());
    }

    /** What the engine's words alone say of a container that was gone before anybody looked. */
    private static Optional<ContainerSnapshot> outline(List<Hint> hints) {
        return hints.stream().filter(hint -> hint.attribute("name").isPresent()).findFirst()
                .map(hint -> new ContainerSnapshot(hint.container(), hint.attribute("name").orElseThrow(),
                        hint.attribute(Labels.MANAGED_BY).or(() -> hint.attribute("image")).orElse(""), "", hint.at(),
                        ContainerState.of(ContainerStatus.EXITED, Optional.empty(), Optional.empty(), 0), Map.of(),
                        Map.of(), Set.of(), Limits.NONE));
    }

    private void hear() {
        hints.stream().filter(hint -> hint.action() == Action.CREATE).findFirst().ifPresent(_ -> create());
        hints.forEach(this::hear);
        hearHealth();
        hearPauses();
        hearNames();
    }

    private List<ContainerEvent> told() {
        now.ifPresent(this::derive);
        events.sort(Comparator.comparing(ContainerEvent::at));
        return events;
    }

    private void hear(Hint hint) {
        switch (hint.action()) {
            case START -> started(moments.start(hint.at()));
            case DIE -> {
                Instant at = moments.end(hint.at());
                hint.attribute("exitCode").ifPresent(code -> exitCodes.put(at, number(code)));
                ended(at);
            }
            case STOP -> {
                Instant at = moments.stop(hint.at());
                if (causes.by(hint.at(), Causes.ENDING).isEmpty() && !moments.isTold(ContainerEvent.Type.STOP, at)) {
                    add(ContainerEvent.Type.STOP, at, Why.external(), exitCode(at), Map.of());
                }
            }
            case RESTART -> {
                Instant at = moments.start(hint.at());
                if (causes.by(hint.at(), STARTING).isEmpty() && !moments.isTold(ContainerEvent.Type.RESTART, at)) {
                    add(ContainerEvent.Type.RESTART, at, Why.external());
                }
            }
            case KILL -> {
                if (causes.by(hint.at(), Causes.ENDING).isEmpty()) {
                    add(ContainerEvent.Type.KILL, hint.at(), Why.external(), OptionalInt.empty(),
                            Map.of("signal", signal(hint.attribute("signal").orElse(""))));
                }
            }
            case UPDATE -> {
                boolean shownAlready = limits().equals(shown.limits())
                        && (isToldByALook(ContainerEvent.Type.UPDATE, hint)
                                || moments.isTold(ContainerEvent.Type.UPDATE, hint.at().minus(SAME_CHANGE), hint.at()));
                if (causes.by(hint.at(), EnumSet.of(CommandType.UPDATE)).isEmpty() && !updated && !shownAlready) {
                    add(ContainerEvent.Type.UPDATE, hint.at(), Why.external());
                }
                updated = true;
            }
            case OOM -> oom(hint.at());
            case DESTROY -> {
                if (now.isEmpty()) {
                    add(ContainerEvent.Type.REMOVE, hint.at(),
                            causes.by(hint.at(), REMOVING).map(Why::command).orElse(Why.external()));
                }
            }
            case CREATE, PAUSE, UNPAUSE, RENAME, HEALTH_STATUS -> {
                // Told before, or played in order of their own.
            }
        }
    }

    /** What the hints left out. */
    private void derive(ContainerSnapshot container) {
        if (before.isEmpty() && isYoung(container.createdAt())) {
            create();
        }
        container.startedAt().filter(at -> isNew(at, before.flatMap(ContainerSnapshot::startedAt)))
                .ifPresent(this::started);
        container.finishedAt().filter(at -> isNew(at, before.flatMap(ContainerSnapshot::finishedAt)))
                .ifPresent(this::ended);
        if (container.state().oomKilled()) {
            Instant started = container.startedAt().orElse(container.createdAt());
            // Docker 20.10 leaves the word of a run standing through the next one.
            boolean known = before.filter(row -> row.state().oomKilled() && (container.isUp()
                    || (!row.isUp() && row.startedAt().equals(container.startedAt())))).isPresent();
            boolean adopted = before.isEmpty() && !isYoung(started);
            if (!known && !adopted && !moments.isTold(ContainerEvent.Type.OOM, started, Instant.MAX.minusSeconds(1))) {
                oom(container.finishedAt().filter(started::isBefore).orElse(askedAt));
            }
        }
        if (!updated && before.isPresent() && !limits().equals(container.limits())) {
            add(ContainerEvent.Type.UPDATE, askedAt, causes.since(EnumSet.of(CommandType.UPDATE)));
        }
    }

    /** With its next start the engine forgets how a run ended, and only its stream can say it then. */
    private boolean isToBeHeard(ContainerSnapshot container) {
        return before.isPresent() && container.hasProcess()
                && container.finishedAt().filter(end -> isYoung(end) && !moments.isEndTold(end)).isPresent();
    }

    private void create() {
        if (before.isEmpty() && !moments.isTold(ContainerEvent.Type.CREATE, shown.createdAt())) {
            add(ContainerEvent.Type.CREATE, shown.createdAt(), causes.by(shown.createdAt(),
                    EnumSet.of(CommandType.CREATE, CommandType.REPLACE)).map(Why::command).orElse(Why.external()));
        }
    }

    /** The engine counts the restarts by its policy since the last start by somebody. */
    private void started(Instant at) {
        if (moments.isTold(ContainerEvent.Type.START, at)) {
            return;
        }
        // By the time of the look it may have been restarted since, and the first start is nobody's policy.
        boolean first = moments.isFirstStart(at) && hints.stream().anyMatch(hint -> hint.action() == Action.CREATE);
        Why otherwise = shown.state().restartCount() > 0 && !first ? Why.self() : Why.external();
        add(ContainerEvent.Type.START, at, causes.by(at, STARTING)
                .filter(command -> !moments.isTold(ContainerEvent.Type.START, command.from(), Causes.until(command)))
                .map(Why::command).orElse(otherwise));
    }

    private void ended(Instant at) {
        if (!moments.isEndTold(at)) {
            add(ContainerEvent.Type.DIE, at, causes.ofEnd(at), exitCode(at), outOfMemory(at));
        }
    }

    private void oom(Instant at) {
        Instant started = shown.startedAt().orElse(shown.createdAt());
        // A container may lose one process after another: once for each look is enough.
        boolean said = events.stream().anyMatch(event -> event.type() == ContainerEvent.Type.OOM);
        boolean derivedBefore = shown.finishedAt().filter(end -> moments.isTold(ContainerEvent.Type.OOM, end))
                .isPresent();
        if (!said && !(derivedBefore && at.isAfter(started))) {
            add(ContainerEvent.Type.OOM, at, Why.self());
        }
    }

    private Map<String, String> outOfMemory(Instant end) {
        return shown.state().oomKilled() && shown.finishedAt().filter(end::equals).isPresent()
                ? Map.of("oom_killed", "true")
                : Map.of();
    }

    private void hearHealth() {
        ContainerState.Health last = before.map(row -> row.state().health()).orElse(ContainerState.Health.NONE);
        for (Hint hint : hints) {
            Optional<ContainerState.Health> heard = hint.action() == Action.HEALTH_STATUS
                    ? hint.attribute("health").flatMap(Story::health)
                    : Optional.empty();
            if (heard.isPresent() && heard.get() != last) {
                last = heard.get();
                if (!isToldByALook(ContainerEvent.Type.HEALTH_STATUS, hint)) {
                    healthIs(last, hint.at());
                }
            }
        }
        ContainerState.Health shows = shown.state().health();
        boolean word = shows == ContainerState.Health.HEALTHY || shows == ContainerState.Health.UNHEALTHY;
        if (now.isPresent() && word && shows != last) {
            healthIs(shows, askedAt);
        }
    }

    private void healthIs(ContainerState.Health health, Instant at) {
        add(ContainerEvent.Type.HEALTH_STATUS, at, Why.self(), OptionalInt.empty(),
                Map.of("health", health.toString()));
    }

    private void hearPauses() {
        boolean paused = before.filter(row -> row.status() == ContainerStatus.PAUSED).isPresent();
        for (Hint hint : hints) {
            boolean is = switch (hint.action()) {
                case PAUSE -> true;
                case UNPAUSE, DIE -> false;
                case CREATE, START, STOP, RESTART, KILL, RENAME, UPDATE, OOM, HEALTH_STATUS, DESTROY -> paused;
            };
            ContainerEvent.Type type = is ? ContainerEvent.Type.PAUSE : ContainerEvent.Type.UNPAUSE;
            if (is != paused && hint.action() != Action.DIE && causes.by(hint.at(), pausing(is)).isEmpty()
                    && !isToldByALook(type, hint)) {
                add(type, hint.at(), Why.external());
            }
            paused = is;
        }
        boolean shows = shown.status() == ContainerStatus.PAUSED;
        ContainerEvent.Type type = shows ? ContainerEvent.Type.PAUSE : ContainerEvent.Type.UNPAUSE;
        if (now.filter(ContainerSnapshot::isUp).isPresent() && shows != paused && (shows || isSameRun())
                && !isToldBehind(EnumSet.of(Action.PAUSE, Action.UNPAUSE), type)) {
            add(type, askedAt, causes.since(pausing(shows)));
        }
    }

    private boolean isSameRun() {
        return before.filter(row -> row.startedAt().equals(shown.startedAt())).isPresent();
    }

    private static Set<CommandType> pausing(boolean paused) {
        return EnumSet.of(paused ? CommandType.PAUSE : CommandType.UNPAUSE);
    }

    private void hearNames() {
        String name = before.map(ContainerSnapshot::name).orElse("");
        for (Hint hint : hints) {
            String heard = hint.action() == Action.RENAME ? hint.attribute("name").orElse(name) : name;
            if (!heard.equals(name)) {
                if (causes.by(hint.at(), RENAMING).isEmpty() && !isToldByALook(ContainerEvent.Type.RENAME, hint)) {
                    renamed(hint.attribute("oldName").map(old -> old.replaceFirst("^/", "")).orElse(name), hint.at(),
                            Why.external());
                }
                name = heard;
            }
        }
        if (now.isPresent() && !name.isEmpty() && !name.equals(shown.name())
                && !isToldBehind(EnumSet.of(Action.RENAME), ContainerEvent.Type.RENAME)) {
            renamed(name, askedAt, causes.since(RENAMING));
        }
    }

    private void renamed(String oldName, Instant at, Why why) {
        add(ContainerEvent.Type.RENAME, at, why, OptionalInt.empty(), Map.of("old_name", oldName));
    }

    /**
     * True where a look has told already what the stream announces only now, as after a cut: of what the engine keeps no
     * time of, with the time of the look, which is after the hint, and before the next one of its kind.
     */
    private boolean isToldByALook(ContainerEvent.Type type, Hint hint) {
        Instant next = hints.stream().filter(one -> one.action() == hint.action()).map(Hint::at)
                .filter(hint.at()::isBefore).min(Comparator.naturalOrder()).orElse(Instant.MAX.minusSeconds(1));
        return moments.isTold(type, hint.at(), next);
    }

    /**
     * True where what such hints lead to has been left behind by what is told: a command tells its doing at its end, before
     * the stream may announce it, and the record shows it already.
     */
    private boolean isToldBehind(Set<Action> heard, ContainerEvent.Type type) {
        return hints.stream().filter(hint -> heard.contains(hint.action())).map(Hint::at).max(Comparator.naturalOrder())
                .filter(last -> moments.isTold(type, last, Instant.MAX.minusSeconds(1))).isPresent();
    }

    private Limits limits() {
        return before.map(ContainerSnapshot::limits).orElse(shown.limits());
    }

    private boolean isNew(Instant at, Optional<Instant> recorded) {
        return isYoung(at) || (before.isPresent() && recorded.filter(at::equals).isEmpty());
    }

    private boolean isYoung(Instant at) {
        return at.isAfter(askedAt.minus(YOUNG));
    }

    private OptionalInt exitCode(Instant end) {
        boolean shows = !shown.hasProcess() && shown.finishedAt().filter(end::equals).isPresent();
        return exitCodes.getOrDefault(end, shows ? OptionalInt.of(shown.state().exitCode()) : OptionalInt.empty());
    }

    private static OptionalInt number(String text) {
        return text.matches("-?[0-9]{1,9}") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
    }

    private static String signal(String text) {
        try {
            return Signals.parse(text);
        } catch (InvalidValue _) {
            return text;
        }
    }

    private static Optional<ContainerState.Health> health(String word) {
        return Stream.of(ContainerState.Health.values()).filter(health -> health.toString().equals(word)).findFirst();
    }

    private void add(ContainerEvent.Type type, Instant at, Why why) {
        add(type, at, why, OptionalInt.empty(), Map.of());
    }

    private void add(ContainerEvent.Type type, Instant at, Why why, OptionalInt exitCode,
            Map<String, String> attributes) {
        moments.tell(type, at);
        events.add(event(host, shown, type, at, why.cause(), why.command(), exitCode, attributes));
    }

    static ContainerEvent event(HostId host, ContainerSnapshot container, ContainerEvent.Type type, Instant at,
            Cause cause,
            Optional<CommandId> command, OptionalInt exitCode, Map<String, String> attributes) {
        return new ContainerEvent(container.id().abbreviated() + "." + type + "." + at, type, container.id(),
                container.name(), container.image(), host, container.ports(), at, cause, command, exitCode,
                attributes);
    }
}
