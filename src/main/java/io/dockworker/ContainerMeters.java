package io.dockworker;

import io.dockworker.command.HealthSample;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;

/** The latest samples as gauges, a few for each container, by its name and image. */
final class ContainerMeters {
    /** Each adds seven series; whoever has more is better served by the health topic. */
    private static final int MAX_CONTAINERS = 500;

    private final List<Column> columns = new ArrayList<>();

    private record Column(MultiGauge gauge, ToDoubleFunction<HealthSample> value) {}

    ContainerMeters(MeterRegistry meters) {
        add(meters, "cpu.cores", "Processors in use", HealthSample::cpuCores);
        add(meters, "cpu.ratio", "Processor time, of the limit or the host", sample -> sample.cpuPercent() / 100);
        add(meters, "memory.bytes", "Working set", HealthSample::memoryBytes);
        add(meters, "memory.ratio", "Working set, of the limit or the host", sample -> sample.memoryPercent() / 100);
        add(meters, "network.receive.bytes", "Received since its start", sample -> or0(sample.networkRxBytes()));
        add(meters, "network.transmit.bytes", "Sent since its start", sample -> or0(sample.networkTxBytes()));
        add(meters, "restarts", "Restarts by its policy", HealthSample::restartCount);
    }

    private void add(MeterRegistry meters, String name, String meaning, ToDoubleFunction<HealthSample> value) {
        columns.add(new Column(MultiGauge.builder("dockworker.container." + name).description(meaning)
                .register(meters), value));
    }

    /** Shows these containers and no others. */
    void show(Collection<HealthSample> latest) {
        List<HealthSample> some = latest.stream().limit(MAX_CONTAINERS).toList();
        for (Column column : columns) {
            column.gauge().register(some.stream().map(sample -> MultiGauge.Row.of(
                    Tags.of("name", sample.name(), "image", sample.image()), sample,
                    column.value())).toList(), true);
        }
    }

    private static double or0(OptionalLong bytes) {
        return bytes.orElse(0);
    }
}
