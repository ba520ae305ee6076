package io.dockworker.journal;

import io.dockworker.command.HostId;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** Chooses the host of a container that none is named for: of those that live, the one with the fewest containers. */
final class Placement {
    private final HostId self;
    private final Map<String, Long> lanes = new TreeMap<>();

    private Placement(HostId self) {
        this.self = self;
    }

    /** @param self wins where others have no fewer: it can begin at once */
    static Placement read(Handle transaction, HostId self) {
        var placement = new Placement(self);
        placement.lanes.put(self.value(), 0L);
        transaction
                .createQuery("select host, (select count(*) from lanes where lanes.host = hosts.host) from hosts where "
                        + Hosts.LIVE)
                .map((row, _) -> placement.lanes.put(row.getString(1), row.getLong(2))).list();
        return placement;
    }

    /** Counts the container to come. */
    HostId next() {
        String host = lanes.entrySet().stream()
                .min(Map.Entry.<String, Long>comparingByValue()
                        .thenComparingInt(entry -> entry.getKey().equals(self.value()) ? 0 : 1)
                        .thenComparing(Map.Entry.comparingByKey()))
                .orElseThrow().getKey();
        lanes.merge(host, 1L, Long::sum);
        return new HostId(host);
    }
}
