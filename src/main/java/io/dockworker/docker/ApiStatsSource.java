package io.dockworker.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.health.StatsSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the engine for its statistics: for engines whose cgroups cannot be read. A container costs about a second, since
 * the engine answers at its collector's next tick; many asked at once share that tick.
 */
public final class ApiStatsSource implements StatsSource {
    private static final Logger LOG = LoggerFactory.getLogger(ApiStatsSource.class);
    /** Each of them holds one connection for a second. */
    private static final int AT_A_TIME = 256;

    private final EngineLink link;
    private final Deadlines deadlines;

    public ApiStatsSource(DockerEngine engine) {
        link = engine.link();
        deadlines = engine.deadlines();
    }

    @Override
    public Map<ContainerId, Usage> read(Collection<ContainerSnapshot> running) {
        var sweep = new LinkedHashMap<ContainerId, Future<Optional<Usage>>>();
        var usages = new LinkedHashMap<ContainerId, Usage>();
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME, Thread.ofVirtual().factory());
        try {
            running.forEach(container -> sweep.put(container.id(), threads.submit(() -> read(container.id()))));
            for (Map.Entry<ContainerId, Future<Optional<Usage>>> reading : sweep.entrySet()) {
                reading.getValue().get().ifPresent(usage -> usages.put(reading.getKey(), usage));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            LOG.warn("cannot read statistics", e.getCause());
        } finally {
            threads.shutdownNow();
        }
        return usages;
    }

    private Optional<Usage> read(ContainerId id) {
        try {
            return link.ask(deadlines.quick(), () -> {
                try (Response response = link.open(Request.Method.GET,
                        "/containers/" + id + "/stats?stream=false&one-shot=true", null, null)) {
                    return usage(EngineLink.JSON.readTree(response.getBody()), System.nanoTime());
                }
            });
        } catch (NotFoundException _) {
            return Optional.empty();
        } catch (EngineAway e) {
            LOG.debug("no statistics of {}: {}", id.abbreviated(), e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Reads the engine's JSON.
     *
     * @return empty for a container that does not run: the engine then answers with zeros
     */
    static Optional<Usage> usage(JsonNode stats, long readAtNanos) {
        JsonNode memory = stats.path("memory_stats");
        if (!memory.has("usage")) {
            return Optional.empty();
        }
        return Optional.of(new Usage(readAtNanos, stats.at("/cpu_stats/cpu_usage/total_usage").asLong(),
                workingSet(memory), network(stats, "rx_bytes"), network(stats, "tx_bytes"), blocks(stats, "read"),
                blocks(stats, "write"), number(stats.at("/pids_stats/current")), OptionalLong.empty()));
    }

    /** As `docker stats` reckons: version 1 of cgroups has the whole tree's sum under a name of its own. */
    private static long workingSet(JsonNode memory) {
        JsonNode details = memory.path("stats");
        JsonNode inactive = details.has("total_inactive_file")
                ? details.path("total_inactive_file")
                : details.path("inactive_file");
        return Math.max(0, memory.path("usage").asLong() - inactive.asLong());
    }

    private static OptionalLong network(JsonNode stats, String counter) {
        JsonNode networks = stats.path("networks");
        return networks.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(networks.valueStream().mapToLong(one -> one.path(counter).asLong()).sum());
    }

    /** Version 1 writes the operation with a capital, version 2 without. */
    private static OptionalLong blocks(JsonNode stats, String operation) {
        JsonNode counters = stats.at("/blkio_stats/io_service_bytes_recursive");
        return counters.isArray()
                ? OptionalLong.of(counters.valueStream()
                        .filter(one -> one.path("op").asText().equalsIgnoreCase(operation))
                        .mapToLong(one -> one.path("value").asLong()).sum())
                : OptionalLong.empty();
    }

    private static OptionalLong number(JsonNode node) {
        return node.isNumber() ? OptionalLong.of(node.asLong()) : OptionalLong.empty();
    }
}
