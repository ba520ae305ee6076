package io.dockworker;

import io.dockworker.command.*;
import io.dockworker.docker.*;
import io.dockworker.journal.Containers;
import io.dockworker.kafka.Publisher;
import io.dockworker.postgres.Database;
import io.dockworker.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
final class Sampling {
    Sampling(Settings settings, MeterRegistry meters) {}
    void open(DockerEngine e, EngineInfo i, Containers c, HostId h, Database d, Publisher p, String prefix) {}
    void runOnce() {}
    void maintain() {}
    byte[] json(HealthSample s) {
        return new byte[0];
    }
    Optional<HealthSample> latest(ContainerId id) {
        return Optional.empty();
    }
}
