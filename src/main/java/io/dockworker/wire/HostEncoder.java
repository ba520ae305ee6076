package io.dockworker.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.TreeMap;

/** Writes the heartbeats of hosts. */
public final class HostEncoder {
    public OutboundMessage encode(HostHeartbeat beat) {
        return new CloudEvent("host:" + beat.host() + ":" + beat.epoch() + ":" + beat.at(), "host.v1", beat.host(),
                beat.at()).message("hosts", beat.host().value(), tree(beat));
    }

    /** The value alone. */
    public String json(HostHeartbeat beat) {
        return tree(beat).toString();
    }

    private static ObjectNode tree(HostHeartbeat beat) {
        ObjectNode json = OutputTree.object().put("host", beat.host().value()).put("engine_id", beat.engineId())
                .put("epoch", beat.epoch().value());
        OutputTree.put(json, "at", beat.at());
        json.putObject("capacity").put("cores", beat.cores()).put("memory_bytes", beat.memoryBytes());
        json.putObject("versions").put("dockworker", beat.versions().dockworker())
                .put("engine", beat.versions().engine()).put("api", beat.versions().api());
        ObjectNode labels = json.putObject("labels");
        new TreeMap<>(beat.labels()).forEach(labels::put);
        return json;
    }
}
