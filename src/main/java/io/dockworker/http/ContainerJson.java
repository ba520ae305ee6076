package io.dockworker.http;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.journal.ManagedContainer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A container as the HTTP interface shows it; the fields that results have too are named as there. */
final class ContainerJson {
    private ContainerJson() {}

    static Map<String, Object> of(ManagedContainer managed) {
        ContainerSnapshot container = managed.container();
        var json = new LinkedHashMap<String, Object>();
        json.put("id", container.id().value());
        json.put("name", container.name());
        json.put("image", container.image());
        json.put("image_id", container.imageId());
        json.put("host", managed.host().value());
        json.put("state", container.status().toString());
        json.put("ports", ports(container));
        json.put("created_at", container.createdAt().toString());
        json.put("started_at", text(container.startedAt()));
        json.put("finished_at", text(container.finishedAt()));
        json.put("exit_code",
                container.isUp() || container.finishedAt().isEmpty() ? null : container.state().exitCode());
        json.put("cpu_limit_cores", container.limits().cpu().map(limit -> limit.cores()).orElse(null));
        json.put("memory_limit_bytes", container.limits().memory().map(limit -> limit.bytes()).orElse(null));
        json.put("labels", new TreeMap<>(container.labels()));
        json.put("seen_at", managed.seenAt().toString());
        return json;
    }

    private static Map<String, Object> ports(ContainerSnapshot container) {
        var ports = new TreeMap<String, Object>();
        container.ports().forEach((port, bindings) -> {
            var published = new ArrayList<Map<String, Object>>();
            for (ContainerSnapshot.Binding binding : bindings) {
                var json = new LinkedHashMap<String, Object>();
                json.put("host_ip", binding.hostIp());
                json.put("host_port", binding.hostPort());
                published.add(json);
            }
            ports.put(port, published);
        });
        return ports;
    }

    private static String text(Optional<Instant> time) {
        return time.map(Instant::toString).orElse(null);
    }
}
