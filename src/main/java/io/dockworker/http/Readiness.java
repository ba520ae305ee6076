package io.dockworker.http;

import java.util.List;

/**
 * Whether the worker can do its work now.
 *
 * @param gaps commands that were lost before they could be read, each in words; told until the worker restarts
 */
public record Readiness(boolean ready, List<Dependency> dependencies, List<String> gaps) {
    /** @param detail for people; empty where there is nothing to say */
    public record Dependency(String name, boolean up, String detail) {}

    public Readiness {
        dependencies = List.copyOf(dependencies);
        gaps = List.copyOf(gaps);
    }
}
