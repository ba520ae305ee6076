package io.dockworker.http;

import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * What the HTTP interface shows and whom it asks. Each part is called from many threads at once and may block.
 *
 * @param metrics all meters in Prometheus' text format, version 0.0.4
 */
public record HttpParts(ContainerView containers, RecordView records, LogSource logs, CommandPublisher publisher,
        Supplier<String> metrics, Supplier<Readiness> readiness, InstantSource clock) {}
