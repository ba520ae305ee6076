package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What a {@link MemoryJournal} has on record. */
final class MemoryTables {
    static final String QUEUED = "queued";
    static final String EXECUTING = "executing";
    static final String PARENT = "parent";
    static final String DONE = "done";

    /** A command, or one part of it. */
    static final class Row {
        final WorkKey key;
        final Optional<Incoming.Valid> source;
        final byte[] hash;
        final String host;
        final long lane;
        final long seq;
        final Instant receivedAt;
        String state;
        int openParts;
        int attempts;
        int interruptions;
        int interruptedAttempt;
        Optional<Intent> intent = Optional.empty();
        Optional<Instant> startedAt = Optional.empty();
        Optional<Outcome> outcome = Optional.empty();
        Map<String, Duration> timings = Map.of();

        Row(WorkKey key, Optional<Incoming.Valid> source, byte[] hash, String state, String host, long lane, long seq,
                Instant now) {
            this.key = key;
            this.source = source;
            this.hash = hash;
            this.state = state;
            this.host = host;
            this.lane = lane;
            this.seq = seq;
            this.receivedAt = now;
        }

        Command command() {
            return source.orElseThrow().command();
        }

        boolean isOpen() {
            return state.equals(QUEUED) || state.equals(EXECUTING);
        }
    }

    static final class Lane {
        final String host;
        /** Open work, by its place. */
        final TreeMap<Long, Row> open = new TreeMap<>();
        String image;
        Optional<ContainerId> container = Optional.empty();
        boolean hadContainer;
        Optional<ContainerSpec> spec = Optional.empty();
        long lastSeq;

        Lane(String host, String image) {
            this.host = host;
            this.image = image;
        }
    }

    /** A row of the outbox; without a number until the relay has asked. */
    static final class Waiting {
        final OutboxMessage message;
        long number;
        boolean reduced;

        Waiting(OutboxMessage message) {
            this.message = message;
        }
    }

    static final class Host {
        long epoch;
        long given;
        long published;
        final List<Waiting> outbox = new ArrayList<>();
    }
    final InstantSource clock;
    final Set<MemoryJournal.Flaw> flaws;
    final Map<WorkKey, Row> rows = new LinkedHashMap<>();
    final TreeMap<Long, Lane> lanes = new TreeMap<>();
    final Map<String, Long> names = new HashMap<>();
    final Map<ContainerId, String> containers = new HashMap<>();
    final Set<String> cancellations = new HashSet<>();
    final Set<List<Object>> told = new HashSet<>();
    final Map<String, Position> positions = new HashMap<>();
    final TreeMap<String, Host> hosts = new TreeMap<>();
    long lanesOpened;

    MemoryTables(InstantSource clock, Set<MemoryJournal.Flaw> flaws) {
        this.clock = clock;
        this.flaws = flaws;
    }

    /** @throws Superseded if the fence is no longer the latest */
    Host hold(Fence fence) {
        Host host = hosts.get(fence.host().value());
        if (host.epoch != fence.epoch().value() && !flaws.contains(MemoryJournal.Flaw.NO_FENCE)) {
            throw new Superseded(fence.host(), fence.epoch());
        }
        return host;
    }

    LaneRow row(long number) {
        Lane lane = lanes.get(number);
        return new LaneRow(number, lane.host, lane.image, lane.container.map(ContainerId::value).orElse(null));
    }

    Work work(Row row) {
        Lane lane = lanes.get(row.lane);
        Command command = row.command();
        return new Work(row.key, command, new HostId(row.host), row.lane, row.seq, lane.container, lane.hadContainer,
                lane.spec, row.source.get().specHash(), LaneWriter.keyOf(row.source.get()), row.attempts,
                row.interruptions, row.intent, row.receivedAt, row.receivedAt.plus(command.deadline()),
                command.header().expiresAt(), row.startedAt, clock.instant(), 0);
    }

    void append(HostId host, List<OutboxMessage> messages) {
        messages.forEach(message -> hosts.get(host.value()).outbox.add(new Waiting(message)));
    }
}
