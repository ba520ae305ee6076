package io.dockworker.http;

import java.util.List;
import java.util.Locale;

/**
 * Whether the worker can do its work now.
 *
 * @param gaps commands that were lost before they could be read, each in words; told until the worker restarts
 */
public record Readiness(State state, List<Dependency> dependencies, List<String> gaps) {
    /** Before it owns its engine a worker starts, whatever answers. */
    public enum State {
        STARTING, READY, NOT_READY, ENDING;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param detail for people; empty where there is nothing to say */
    public record Dependency(String name, boolean up, String detail) {}

    public Readiness {
        dependencies = List.copyOf(dependencies);
        gaps = List.copyOf(gaps);
    }

    boolean ready() {
        return state == State.READY;
    }
}
