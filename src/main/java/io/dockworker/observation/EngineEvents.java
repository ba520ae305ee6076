package io.dockworker.observation;

import io.dockworker.command.ContainerId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The engine's stream of events. What it says are hints: it may leave something out, and the engine itself is the truth. */
public interface EngineEvents {
    /** What the stream said to have happened to a managed container. */
    enum Action {
        CREATE, START, DIE, STOP, RESTART, KILL, PAUSE, UNPAUSE, RENAME, UPDATE, OOM, HEALTH_STATUS, DESTROY
    }

    /**
     * One word of the stream.
     *
     * @param at         the engine's clock
     * @param attributes the engine's own, among them {@code name}, {@code exitCode}, {@code signal}, and {@code health}
     *                   with what a HEALTHCHECK came to
     */
    record Hint(ContainerId container, Action action, Instant at, Map<String, String> attributes) {
        public Hint {
            attributes = Map.copyOf(attributes);
        }

        Optional<String> attribute(String name) {
            return Optional.ofNullable(attributes.get(name)).filter(value -> !value.isEmpty());
        }
    }

    /** Why a stream was not read any further. */
    sealed interface End {
        /** Nothing came for a while: either nothing happened, or the stream has gone silent, which nobody can tell apart. */
        record Silent() implements End {}

        /** The engine is away, or has closed it. */
        record Lost(String reason) implements End {}
    }

    /**
     * Reads the stream until it ends or falls silent.
     *
     * @param since     what the engine still remembers from then on comes first; empty: only what happens from now on
     * @param connected called once the engine has begun to answer
     * @param sink      must not wait: the engine drops what a slow reader does not take
     */
    End follow(Optional<Instant> since, Runnable connected, Consumer<Hint> sink) throws InterruptedException;
}
