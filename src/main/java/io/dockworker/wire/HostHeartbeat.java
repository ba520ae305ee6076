package io.dockworker.wire;

import io.dockworker.command.Epoch;
import io.dockworker.command.HostId;
import java.time.Instant;
import java.util.Map;

/**
 * What a worker says of its host at every beat.
 *
 * @param engineId    the engine's own name of itself
 * @param cores       of the host
 * @param memoryBytes of the host
 * @param labels      that placement can ask for
 */
public record HostHeartbeat(HostId host, String engineId, Epoch epoch, Instant at, int cores, long memoryBytes,
        Versions versions, Map<String, String> labels) {
    /**
     * Who speaks.
     *
     * @param api the version of the engine's API that is spoken, as in {@code 1.41}
     */
    public record Versions(String dockworker, String engine, String api) {}

    public HostHeartbeat {
        labels = Map.copyOf(labels);
    }
}
