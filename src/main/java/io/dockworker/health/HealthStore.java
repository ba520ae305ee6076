package io.dockworker.health;

import io.dockworker.command.ContainerId;
import io.dockworker.command.HealthSample;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Health samples in PostgreSQL, in {@code health_snapshots}: a partition for each UTC day, made ahead, and dropped as a
 * whole when it is too old. Every method throws {@link org.jdbi.v3.core.JdbiException} if PostgreSQL is away.
 */
public final class HealthStore implements SampleQueue.Destination {
    private static final int DAYS_AHEAD = 2;

    private final Jdbi jdbi;
    private final Consumer<Handle> right;
    private final int retentionDays;
    private final InstantSource clock;
    private final DayPartitions partitions;
    /** Days whose partition was seen. Others drop partitions too, so this may be wrong, and then is forgotten. */
    private final Set<LocalDate> known = ConcurrentHashMap.newKeySet();

    /**
     * @param right         called last in each transaction that writes; throws if this writer has a successor
     * @param retentionDays whole days that are kept besides the present one
     */
    public HealthStore(Jdbi jdbi, Consumer<Handle> right, int retentionDays, InstantSource clock) {
        this.jdbi = jdbi;
        this.right = right;
        this.partitions = new DayPartitions(jdbi, right);
        this.retentionDays = retentionDays;
        this.clock = clock;
    }

    /** Stores a batch in one statement. Samples that are there already, or are too old to be kept, are left out. */
    @Override
    public void accept(List<HealthSample> samples) {
        Instant oldest = firstDay(clock.instant()).atStartOfDay(ZoneOffset.UTC).toInstant();
        List<HealthSample> kept = samples.stream().filter(sample -> !sample.sampledAt().isBefore(oldest)).toList();
        if (kept.isEmpty()) {
            return;
        }
        kept.stream().map(sample -> day(sample.sampledAt())).distinct().forEach(this::ensure);
        boolean stored = false;
        try {
            jdbi.useTransaction(transaction -> {
                HealthRows.insert(transaction, kept);
                right.accept(transaction);
            });
            stored = true;
        } finally {
            if (!stored) {
                known.clear();
            }
        }
    }

    /** A container's latest sample. */
    public Optional<HealthSample> latest(ContainerId container) {
        return jdbi.withHandle(handle -> handle
                .createQuery("select * from health_snapshots where container_id = :id order by sampled_at desc limit 1")
                .bind("id", container.value()).map((row, _) -> HealthRows.sample(row)).findOne());
    }

    /**
     * A container's samples, the latest first.
     *
     * @param from the first moment
     * @param to   the first moment that is left out
     */
    public List<HealthSample> history(ContainerId container, Instant from, Instant to, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                select * from health_snapshots
                where container_id = :id and sampled_at >= :from and sampled_at < :to
                order by sampled_at desc limit :limit""").bind("id", container.value())
                .bind("from", from.atOffset(ZoneOffset.UTC)).bind("to", to.atOffset(ZoneOffset.UTC))
                .bind("limit", limit).map((row, _) -> HealthRows.sample(row)).list());
    }

    /** Makes the partitions of the days to come and drops those that are too old. Any number of workers may do so. */
    public void runOnce() {
        LocalDate today = day(clock.instant());
        for (int ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
            ensure(today.plusDays(ahead));
        }
        // The earlier of two clocks: one that is wrong must not drop what the other still keeps.
        Instant database = jdbi.withHandle(
                handle -> handle.createQuery("select clock_timestamp()").mapTo(Instant.class).one());
        Instant earlier = database.isBefore(clock.instant()) ? database : clock.instant();
        for (LocalDate old : partitions.before(firstDay(earlier))) {
            partitions.drop(old);
            known.remove(old);
        }
    }

    private LocalDate firstDay(Instant now) {
        return day(now).minusDays(retentionDays);
    }

    private void ensure(LocalDate day) {
        if (!known.contains(day)) {
            partitions.create(day);
            known.add(day);
        }
    }

    private static LocalDate day(Instant at) {
        return LocalDate.ofInstant(at, ZoneOffset.UTC);
    }
}
