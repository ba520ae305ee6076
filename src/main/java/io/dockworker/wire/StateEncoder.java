package io.dockworker.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.HostId;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;

/** Writes the last known state of a container, and that it is gone. */
public final class StateEncoder {
    /** @param at when the host looked */
    public OutboundMessage encode(HostId host, ContainerSnapshot container, Instant at) {
        return event(host, container.id(), at).message("state", container.id().value(), tree(host, container, at));
    }

    /** The same without labels and ports, for when the broker refuses the whole. */
    public OutboundMessage encodeReduced(HostId host, ContainerSnapshot container, Instant at) {
        ObjectNode json = tree(host, container, at);
        json.putObject("ports");
        json.putObject("labels");
        return event(host, container.id(), at).message("state", container.id().value(), json.put("reduced", true));
    }

    /** A tombstone: compaction forgets the container. */
    public OutboundMessage gone(HostId host, ContainerId container, Instant at) {
        return event(host, container, at).tombstone("state", container.value());
    }

    /** The value alone. */
    public String json(HostId host, ContainerSnapshot container, Instant at) {
        return tree(host, container, at).toString();
    }

    private static CloudEvent event(HostId host, ContainerId container, Instant at) {
        return new CloudEvent("state:" + container + ":" + at, "state.v1", host, at).with("ce_subject",
                container.value());
    }

    private static ObjectNode tree(HostId host, ContainerSnapshot container, Instant at) {
        ObjectNode json = OutputTree.container(container, Optional.of(host.value()));
        OutputTree.put(json, "created_at", container.createdAt());
        OutputTree.put(json, "started_at", container.startedAt());
        OutputTree.put(json, "finished_at", container.finishedAt());
        boolean ended = container.status() == ContainerStatus.EXITED || container.status() == ContainerStatus.DEAD;
        json.put("exit_code", ended ? (Integer) container.state().exitCode() : null);
        json.put("oom_killed", container.state().oomKilled());
        json.put("error", container.state().error().isEmpty() ? null : container.state().error());
        json.put("restart_count", container.state().restartCount());
        json.put("health", container.state().health().toString());
        json.put("cpu_limit_cores", container.limits().cpu().map(cpu -> cpu.cores().doubleValue()).orElse(null));
        json.put("memory_limit_bytes", container.limits().memory().map(memory -> memory.bytes()).orElse(null));
        ObjectNode labels = json.putObject("labels");
        new TreeMap<>(container.labels()).forEach(labels::put);
        OutputTree.put(json, "at", at);
        return json;
    }
}
