package io.dockworker.observation;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.journal.Containers;
import io.dockworker.journal.Fence;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares what the engine has with what is on record, and mends the record: the truth is in the engine. */
public final class Relist {
    private static final Logger LOG = LoggerFactory.getLogger(Relist.class);

    private final EngineView engine;
    private final Containers containers;
    private final Fence fence;

    public Relist(EngineView engine, Containers containers, Fence fence) {
        this.engine = engine;
        this.containers = containers;
        this.fence = fence;
    }

    /** @return false if the engine is away, so that nothing could be compared */
    public boolean runOnce() {
        Instant askedAt = containers.now();
        Optional<List<ContainerSnapshot>> listing = engine.list();
        if (listing.isEmpty()) {
            return false;
        }
        List<ContainerId> vanished = containers.missing(fence.host(), listing.get(), askedAt).stream()
                .filter(engine::isAbsent).toList();
        int changed = containers.reconcile(fence, listing.get(), vanished, askedAt);
        if (changed > 0) {
            LOG.info("relist: {} containers, {} messages to bring the records in line", listing.get().size(), changed);
        }
        return true;
    }
}
