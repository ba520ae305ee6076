package io.dockworker;

import io.dockworker.docker.EngineInfo;
import io.dockworker.journal.Fence;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.Publisher;
import io.dockworker.kafka.RawRecord;
import io.dockworker.settings.Settings;
import io.dockworker.wire.HostEncoder;
import io.dockworker.wire.HostHeartbeat;
import io.dockworker.wire.OutboundMessage;
import java.time.InstantSource;

/** What a worker says of its host at every beat. */
final class HostDescription {
    private final Settings settings;
    private final EngineInfo info;
    private final Fence fence;
    private final Publisher publisher;
    private final InstantSource clock = InstantSource.system();
    private final HostEncoder encoder = new HostEncoder();

    HostDescription(Settings settings, EngineInfo info, Fence fence, Publisher publisher) {
        this.settings = settings;
        this.info = info;
        this.fence = fence;
        this.publisher = publisher;
    }

    String json() {
        return encoder.json(beat());
    }

    void publish() {
        OutboundMessage message = encoder.encode(beat());
        var _ = publisher.publish(new OutboundRecord(settings.topics().prefix() + message.topic(), message.key(),
                message.value(),
                message.headers().stream().map(header -> new RawRecord.Header(header.name(), header.value()))
                        .toList()));
    }

    private HostHeartbeat beat() {
        return new HostHeartbeat(fence.host(), info.id(), fence.epoch(), clock.instant(), info.cores(),
                info.memoryBytes(), new HostHeartbeat.Versions(Version.VALUE, info.version(), info.apiVersion()),
                settings.host().labels());
    }
}
