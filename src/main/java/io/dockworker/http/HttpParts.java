package io.dockworker.http;

import io.dockworker.command.HealthSample;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the HTTP interface shows and whom it asks. Each part is called from many threads at once and may block.
 *
 * @param healthJson writes a sample as the health topic carries it
 * @param metrics    all meters in Prometheus' text format, version 0.0.4
 */
public record HttpParts(ContainerView containers, CreateRequestReader creates, CommandPublisher publisher,
        Function<HealthSample, byte[]> healthJson, Supplier<String> metrics, Supplier<Readiness> readiness,
        InstantSource clock) {}
