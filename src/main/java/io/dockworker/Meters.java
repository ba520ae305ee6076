package io.dockworker;

import io.dockworker.journal.PostgresOutbox;
import io.dockworker.journal.PostgresWorkQueue;
import io.dockworker.wire.DeadLetterCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Meters that belong to the whole worker. */
final class Meters {
    private static final Duration FRESH = Duration.ofSeconds(1);

    private Meters() {}

    static void bindRuntime(MeterRegistry meters) {
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        new FileDescriptorMetrics().bindTo(meters);
        new UptimeMetrics().bindTo(meters);
        // It listens for as long as the process lives.
        @SuppressWarnings("resource")
        var gc = new JvmGcMetrics();
        gc.bindTo(meters);
        Gauge.builder("dockworker.build.info", () -> 1).description("Which Dockworker this is")
                .tag("version", Version.VALUE).register(meters);
    }

    /** What waits, and since when; and what can be reached. */
    static void bindJournal(MeterRegistry meters, PostgresWorkQueue queue, PostgresOutbox outbox, Status status) {
        BooleanSupplier away = () -> status.isAway("postgres");
        var inbox = new Cached<>(queue::backlog, away, new PostgresWorkQueue.Backlog(0, Optional.empty()));
        var out = new Cached<>(outbox::backlog, away, new PostgresOutbox.Backlog(0, Optional.empty()));
        gauge(meters, "dockworker.inbox.messages", "Commands accepted and not ended", inbox,
                backlog -> backlog.messages());
        gauge(meters, "dockworker.inbox.oldest.age.seconds", "How long the oldest command has waited", inbox,
                backlog -> age(backlog.oldest()));
        gauge(meters, "dockworker.outbox.messages", "Messages recorded and not published", out,
                backlog -> backlog.messages());
        gauge(meters, "dockworker.outbox.oldest.age.seconds", "How long the oldest message has waited", out,
                backlog -> age(backlog.oldest()));
        // Counters that begin to exist at their first event would hide that event from a rate.
        Counter.builder("dockworker.command.gaps").description("Times that commands were gone before they were read")
                .register(meters);
        for (DeadLetterCode code : DeadLetterCode.values()) {
            Counter.builder("dockworker.dead.letters").description("Records that were no command")
                    .tag("code", code.toString()).register(meters);
        }
        for (String name : status.dependencies()) {
            Gauge.builder("dockworker.dependency.up", () -> status.isUp(name) ? 1 : 0)
                    .description("Whether it answers").tag("name", name).register(meters);
        }
    }

    private static <T> void gauge(MeterRegistry meters, String name, String meaning, Cached<T> source,
            ToDoubleFunction<T> value) {
        Gauge.builder(name, () -> value.applyAsDouble(source.get())).description(meaning).strongReference(true)
                .register(meters);
    }

    private static double age(Optional<Instant> oldest) {
        return oldest.map(since -> Duration.between(since, InstantSource.system().instant()).toMillis() / 1_000.0)
                .orElse(0.0);
    }

    /**
     * One query serves all gauges of a scrape. While the database is away, the last answer stands, and nobody waits for
     * another one: several of such waits are longer than Prometheus' patience with a scrape.
     */
    private static final class Cached<T> {
        private final Supplier<T> source;
        private final BooleanSupplier away;
        private final AtomicReference<T> value;
        private volatile long readAt = System.nanoTime() - FRESH.toNanos();

        Cached(Supplier<T> source, BooleanSupplier away, T initial) {
            this.source = source;
            this.away = away;
            this.value = new AtomicReference<>(initial);
        }

        T get() {
            if (System.nanoTime() - readAt >= FRESH.toNanos() && !away.getAsBoolean()) {
                try {
                    value.set(source.get());
                } catch (RuntimeException _) {
                    // Said elsewhere, by whoever needs the database for its work.
                }
                readAt = System.nanoTime();
            }
            return value.get();
        }
    }
}
