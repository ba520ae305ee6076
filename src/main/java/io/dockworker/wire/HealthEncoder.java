package io.dockworker.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.HealthSample;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Writes health samples. */
public final class HealthEncoder {
    public OutboundMessage encode(HealthSample sample) {
        String container = sample.containerId().value();
        return new CloudEvent("health:" + container + ":" + sample.sampledAt(), "health.v1", sample.host(),
                sample.sampledAt()).with("ce_subject", container).message("health", container, tree(sample));
    }

    /** The value alone. */
    public String json(HealthSample sample) {
        return tree(sample).toString();
    }

    private static ObjectNode tree(HealthSample sample) {
        ObjectNode json = OutputTree.object().put("container_id", sample.containerId().value())
                .put("name", sample.name()).put("image", sample.image()).put("host", sample.host().value());
        OutputTree.put(json, "sampled_at", sample.sampledAt());
        OutputTree.putSeconds(json, "interval_seconds", sample.interval());
        json.put("cpu_usage", rounded(sample.cpuPercent(), 100)).put("memory_usage",
                rounded(sample.memoryPercent(), 100));
        put(json, "disk_usage", sample.diskPercent(), 100);
        json.put("status", sample.status().toString());
        ArrayNode reasons = json.putArray("reasons");
        sample.reasons().forEach(reasons::add);
        json.put("cpu_cores", rounded(sample.cpuCores(), 10_000));
        put(json, "cpu_limit_cores", sample.cpuLimitCores(), 100_000);
        json.put("memory_bytes", sample.memoryBytes());
        put(json, "memory_limit_bytes", sample.memoryLimitBytes());
        put(json, "network_rx_bytes", sample.networkRxBytes());
        put(json, "network_tx_bytes", sample.networkTxBytes());
        put(json, "block_read_bytes", sample.blockReadBytes());
        put(json, "block_write_bytes", sample.blockWriteBytes());
        put(json, "pids", sample.pids());
        return json.put("restart_count", sample.restartCount()).put("docker_health", sample.dockerHealth());
    }

    private static void put(ObjectNode json, String name, OptionalLong value) {
        json.put(name, value.isPresent() ? (Long) value.getAsLong() : null);
    }

    private static void put(ObjectNode json, String name, OptionalDouble value, int steps) {
        json.put(name, value.isPresent() ? (Double) rounded(value.getAsDouble(), steps) : null);
    }

    /** More digits than a measurement has would only make messages longer. What is no number, JSON cannot say: 0. */
    private static double rounded(double value, int steps) {
        return Double.isFinite(value) ? (double) Math.round(value * steps) / steps : 0;
    }
}
