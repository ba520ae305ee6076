package io.dockworker.fleet;

import io.dockworker.journal.Fence;
import io.dockworker.journal.Hosts;

import java.util.function.Supplier;

/** Says regularly that this worker is alive, to the database and to the hosts topic. */
public final class Heartbeat {
    private final Hosts hosts;
    private final Fence fence;
    private final Supplier<String> description;
    private final Runnable topic;

    /**
     * @param description JSON: capacity, versions, labels
     * @param topic       publishes it; a failure to do so is its own business
     */
    public Heartbeat(Hosts hosts, Fence fence, Supplier<String> description, Runnable topic) {
        this.hosts = hosts;
        this.fence = fence;
        this.description = description;
        this.topic = topic;
    }

    /**
     * Beats once.
     *
     * @throws io.dockworker.journal.Superseded if another worker owns the host now
     */
    public void runOnce() {
        hosts.beat(fence, description.get());
        topic.run();
    }
}
