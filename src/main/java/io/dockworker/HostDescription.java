package io.dockworker;

import io.dockworker.docker.EngineInfo;
import io.dockworker.journal.Fence;
import io.dockworker.settings.Settings;
import io.dockworker.wire.HostEncoder;
import io.dockworker.wire.HostHeartbeat;
import java.time.InstantSource;
import java.util.List;

/** What a worker says of its host at every beat. */
final class HostDescription {
    private final Settings settings;
    private final EngineInfo info;
    private final Fence fence;
    private final Telemetry telemetry;
    private final InstantSource clock = InstantSource.system();
    private final HostEncoder encoder = new HostEncoder();

    HostDescription(Settings settings, EngineInfo info, Fence fence, Telemetry telemetry) {
        this.settings = settings;
        this.info = info;
        this.fence = fence;
        this.telemetry = telemetry;
    }

    String json() {
        return encoder.json(beat());
    }

    void publish() throws InterruptedException {
        telemetry.publish(List.of(encoder.encode(beat())));
    }

    private HostHeartbeat beat() {
        return new HostHeartbeat(fence.host(), info.id(), fence.epoch(), clock.instant(), info.cores(),
                info.memoryBytes(), new HostHeartbeat.Versions(Version.VALUE, info.version(), info.apiVersion()),
                settings.host().labels());
    }
}
