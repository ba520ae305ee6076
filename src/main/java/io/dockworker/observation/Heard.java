package io.dockworker.observation;

import io.dockworker.observation.EngineEvents.Hint;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the stream has said of a container that was not told yet.
 *
 * @param lastEnd when it announced the last end before these hints
 * @param hints   in the order in which they came
 */
record Heard(Optional<Instant> lastEnd, List<Hint> hints) {}
