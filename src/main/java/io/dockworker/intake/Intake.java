package io.dockworker.intake;

import io.dockworker.command.Command;
import io.dockworker.journal.Inbox;
import io.dockworker.journal.Incoming;
import io.dockworker.journal.IntakeBatch;
import io.dockworker.journal.Position;
import io.dockworker.journal.Source;
import io.dockworker.journal.Superseded;
import io.dockworker.journal.Unavailable;
import io.dockworker.kafka.CommandSource;
import io.dockworker.kafka.PolledPartition;
import io.dockworker.kafka.Positions;
import io.dockworker.kafka.RawRecord;
import io.dockworker.wire.CommandDecoder;
import io.dockworker.wire.DeadLetterCode;
import io.dockworker.wire.Decoded;
import io.dockworker.wire.SpecHash;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes commands from the topic into the journal. What counts as taken in is what the journal says; the broker is never
 * asked, and nothing is acknowledged to it.
 */
public final class Intake implements Positions {
    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
    private static final Duration POLL = Duration.ofMillis(500);
    /** Above this many open commands, the topic keeps the rest. */
    private static final long MAX_OPEN = 100_000;
    private static final long CHECK_OPEN_EVERY = 20;
    static final Duration PATIENCE = Duration.ofSeconds(15);

    private final String topic;
    private final Inbox inbox;
    private final CommandDecoder decoder = new CommandDecoder();
    private final Consumer<Collection<Long>> wake;
    private final MeterRegistry meters;
    private final Map<Integer, Optional<Position>> known = new HashMap<>();
    /** Partitions whose log seems to end before our position, and since when. */
    private final Map<Integer, Long> doubtedSince = new HashMap<>();
    private final LongSupplier nanos;
    private final Refusals refusals;
    private final List<String> gaps = new CopyOnWriteArrayList<>();
    /** Of partitions that have brought nothing since: the position stays as it is until then, and with it the gap. */
    private final Map<Integer, String> told = new HashMap<>();
    private boolean paused;
    private boolean full;
    private long turn;

    /** @param wake told of lanes of this host that have work, after each transaction */
    public Intake(String topic, Inbox inbox, MeterRegistry meters, Consumer<Collection<Long>> wake) {
        this(topic, inbox, meters, wake, System::nanoTime);
    }

    /** @param nanos a clock that only goes forward */
    public Intake(String topic, Inbox inbox, MeterRegistry meters, Consumer<Collection<Long>> wake,
            LongSupplier nanos) {
        this.nanos = nanos;
        this.refusals = new Refusals(nanos);
        this.topic = topic;
        this.inbox = inbox;
        this.meters = meters;
        this.wake = wake;
    }

    /** Commands that were gone before they could be read, in words. */
    public List<String> gaps() {
        return List.copyOf(gaps);
    }

    @Override
    public Start start(Log log) {
        Optional<Position> position = inbox.position(topic, log.partition());
        known.put(log.partition(), position);
        if (position.isEmpty()) {
            return new Start.Earliest();
        }
        Position taken = position.get();
        Optional<String> gap = gap(log, taken);
        if (gap.isPresent() && isFresh(log, taken)) {
            return new Start.NotYet();
        }
        doubtedSince.remove(log.partition());
        gap.ifPresent(what -> {
            if (!what.equals(told.put(log.partition(), what))) {
                String message = topic + "/" + log.partition() + ": " + what + "; going on from offset "
                        + log.startOffset();
                LOG.error("COMMAND_GAP {}", message);
                gaps.add(message);
                meters.counter("dockworker.command.gaps").increment();
            }
        });
        return gap.isPresent()
                ? new Start.Earliest()
                : new Start.At(taken.nextOffset(), taken.leaderEpoch());
    }

    /**
     * A broker that has just started may not know yet how far its log is valid, and then shows a shorter one. So an end
     * before our position is believed only when it lasts.
     */
    private boolean isFresh(Log log, Position taken) {
        if (!taken.topicId().equals(log.topicId()) || taken.nextOffset() <= log.endOffset()) {
            return false;
        }
        long now = nanos.getAsLong();
        return now - doubtedSince.computeIfAbsent(log.partition(), _ -> now) < PATIENCE.toNanos();
    }

    private static Optional<String> gap(Log log, Position taken) {
        if (!taken.topicId().equals(log.topicId())) {
            return Optional.of("the topic was deleted and made anew since offset " + taken.nextOffset());
        }
        if (taken.nextOffset() < log.startOffset()) {
            return Optional.of("offsets " + taken.nextOffset() + " to " + (log.startOffset() - 1)
                    + " were deleted before they were read");
        }
        if (taken.nextOffset() > log.endOffset() || log.truncated()) {
            return Optional.of("the log was cut off before offset " + taken.nextOffset());
        }
        return Optional.empty();
    }

    /**
     * Polls once and stores what came.
     *
     * @throws Unavailable if the database is away; the same records come again
     * @throws Superseded  if this worker no longer owns its host
     */
    public void runOnce(CommandSource commands) {
        refusals.endPeriod();
        Optional<Unavailable> away = Optional.empty();
        if (turn++ % CHECK_OPEN_EVERY == 0) {
            away = pauseIfFull();
        }
        // Polled even then: a member that does not poll loses its place in the group.
        List<PolledPartition> polled = commands.poll(POLL, paused);
        if (away.isPresent()) {
            turn = 0;
            throw away.get();
        }
        Map<Integer, Long> progress = new HashMap<>();
        for (PolledPartition partition : polled) {
            try {
                if (take(partition)) {
                    progress.put(partition.partition(), partition.nextOffset());
                } else {
                    commands.reposition(partition.partition());
                }
            } catch (RuntimeException e) {
                // What was polled and not stored is read again, of this partition and of those behind it.
                polled.forEach(one -> {
                    if (!progress.containsKey(one.partition())) {
                        commands.reposition(one.partition());
                    }
                });
                paused = e instanceof Unavailable;
                turn = 0;
                throw e;
            }
        }
        if (!progress.isEmpty()) {
            commands.showPositions(progress);
        }
    }

    /** @return the fault, if the database is away; then nothing is taken in either */
    private Optional<Unavailable> pauseIfFull() {
        try {
            long open = inbox.open();
            paused = open > MAX_OPEN;
            if (full != paused) {
                full = paused;
                LOG.info("{} open commands: {}", open, full ? "the topic keeps the rest" : "taking in commands again");
            }
            return Optional.empty();
        } catch (Unavailable e) {
            paused = true;
            return Optional.of(e);
        }
    }

    /** @return false if somebody else has moved the position */
    private boolean take(PolledPartition polled) {
        List<Incoming> records = new ArrayList<>(polled.records().size());
        for (RawRecord record : polled.records()) {
            records.add(understand(polled, record));
        }
        Position after = new Position(polled.topicId(), polled.nextOffset(), polled.leaderEpoch());
        Optional<Position> before = known.getOrDefault(polled.partition(), Optional.empty());
        if (records.isEmpty() && before.filter(after::isAt).isPresent()) {
            return true;
        }
        boolean taken = store(new IntakeBatch(topic, polled.partition(), before, after, records));
        if (taken) {
            known.put(polled.partition(), Optional.of(after));
            told.remove(polled.partition());
        }
        return taken;
    }

    private boolean store(IntakeBatch batch) {
        try {
            return accept(batch);
        } catch (Superseded e) {
            throw e;
        } catch (Unavailable e) {
            if (e.asksForLess() && batch.records().size() > 1) {
                return storeHalves(batch);
            }
            throw e;
        } catch (RuntimeException e) {
            // The database refuses something in the batch: it is halved until the record is alone.
            return switch (batch.records().size()) {
                case 0 -> throw e;
                case 1 -> storeRefused(batch, batch.records().getFirst());
                default -> storeHalves(batch);
            };
        }
    }

    private boolean accept(IntakeBatch batch) {
        return switch (inbox.accept(batch)) {
            case Inbox.Taken.Moved _ -> false;
            case Inbox.Taken.Stored(Set<Long> lanes, Map<String, Integer> deadLetters) -> {
                deadLetters.forEach(
                        (code, count) -> meters.counter("dockworker.dead.letters", "code", code).increment(count));
                refusals.say(batch.records());
                wake.accept(lanes);
                yield true;
            }
        };
    }

    private boolean storeHalves(IntakeBatch batch) {
        List<IntakeBatch> halves = batch.halves();
        return store(halves.getFirst()) && store(halves.getLast());
    }

    /** Refused once may be another's doing, such as a row written at the same moment; refused again, it is the record's own. */
    private boolean storeRefused(IntakeBatch batch, Incoming record) {
        try {
            return accept(batch);
        } catch (Unavailable | Superseded e) {
            throw e;
        } catch (RuntimeException e) {
            if (record instanceof Incoming.Unreadable) {
                throw e;
            }
            Source source = record.source();
            LOG.warn("{}/{}@{}: refused by the database", topic, source.partition(), source.offset(), e);
            return accept(new IntakeBatch(topic, batch.partition(), batch.before(), batch.after(),
                    List.of(new Incoming.Unreadable(DeadLetterCode.REFUSED_BY_STORE.name(), "the database refuses it",
                            source))));
        }
    }

    private static Optional<String> specHash(Command command) {
        return switch (command) {
            case Command.Create create -> Optional.of(SpecHash.of(create.spec()));
            case Command.Replace replace -> Optional.of(SpecHash.of(replace.change().values()));
            default -> Optional.empty();
        };
    }

    private Incoming understand(PolledPartition polled, RawRecord record) {
        Source source = new Source(topic, polled.partition(), record.offset(), record.key(), record.value(),
                record.headers().stream().map(header -> new Source.Header(header.name(), header.value())).toList());
        Map<String, String> headers = new HashMap<>();
        record.headers().stream().filter(header -> header.value() != null)
                .forEach(header -> headers.put(header.name(), new String(header.value(), StandardCharsets.UTF_8)));
        String madeId = polled.topicId() + "-" + polled.partition() + "-" + record.offset();
        return switch (decoder.decode(record.value(), headers, madeId)) {
            case Decoded.Accepted(Command command, var hash) -> new Incoming.Valid(command, hash.bytes(),
                    specHash(command),
                    source);
            case Decoded.Rejected rejected -> new Incoming.Invalid(rejected.id(), rejected.type(), rejected.failure(),
                    rejected.hash().bytes(), rejected.correlationId(), rejected.traceparent(), source);
            case Decoded.NoCommand(DeadLetterCode code, String message) ->
                new Incoming.Unreadable(code.name(), message, source);
        };
    }
}
