package io.dockworker.journal;

import io.dockworker.command.HostId;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** Chooses the host of a container that none is named for: of those that live, the one with the fewest containers. */
final class Placement {
    private final HostId self;
    private final Map<String, Long> lanes;

    /**
     * @param self  wins where others have no fewer: it can begin at once
     * @param lanes of the hosts that live, how many each has
     */
    Placement(HostId self, Map<String, Long> lanes) {
        this.self = self;
        this.lanes = new TreeMap<>(lanes);
        this.lanes.putIfAbsent(self.value(), 0L);
    }

    static Placement read(Handle transaction, HostId self) {
        Map<String, Long> lanes = new TreeMap<>();
        transaction
                .createQuery("select host, (select count(*) from lanes where lanes.host = hosts.host) from hosts where "
                        + Hosts.LIVE)
                .map((row, _) -> lanes.put(row.getString(1), row.getLong(2))).list();
        return new Placement(self, lanes);
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
