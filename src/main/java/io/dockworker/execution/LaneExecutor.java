package io.dockworker.execution;

import io.dockworker.journal.Superseded;
import io.dockworker.journal.Unavailable;
import io.dockworker.journal.Work;
import io.dockworker.journal.WorkQueue;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Drives the lanes of this host: one virtual thread for each lane that has work, so that a slow container delays nobody
 * but itself. Lanes are woken by whoever gives them work; a slow poll finds those whose wake-up was lost.
 */
public final class LaneExecutor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LaneExecutor.class);
    /** Wakes every lane. */
    private static final long ALL = -1;
    private static final Duration SLOW_POLL = Duration.ofSeconds(5);
    private static final int PAGE = 100;
    private static final int LISTED = 1_000;
    /**
     * Lanes in memory. Far more than the engine works on at once, since most of them may wait for a pull, a grace period
     * or a permit, and those that need none of it must not wait behind them.
     */
    private static final int MAX_BUSY = 10_000;
    /** What their commands take in memory: one alone may have 256 KiB. */
    private static final long MAX_BYTES = 64 << 20;
    private static final Duration LAST_WORD = Duration.ofSeconds(1);

    private final WorkQueue queue;
    private final ContainerEngine engine;
    private final GroupCommit commits;
    private final Permits permits = new Permits();
    private final MeterRegistry meters;
    private final InstantSource clock;
    private final Checkpoint checkpoint;
    private final BlockingQueue<Long> woken = new LinkedBlockingQueue<>();
    private final Map<Long, Thread> busy = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    /** Lanes that were woken while they were busy. */
    private final Set<Long> again = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    /** More lanes have work than may be busy. */
    private volatile boolean crowded;
    private long polledAt = System.nanoTime();

    /** @param afterCommit called whenever there may be something new to publish */
    public LaneExecutor(WorkQueue queue, ContainerEngine engine, MeterRegistry meters, InstantSource clock,
            Checkpoint checkpoint, Runnable afterCommit) {
        this.queue = queue;
        this.engine = engine;
        this.commits = new GroupCommit(queue, afterCommit);
        this.meters = meters;
        this.clock = clock;
        this.checkpoint = checkpoint;
        woken.add(ALL);
    }

    /** Lanes have work. */
    public void wake(Collection<Long> lanes) {
        woken.addAll(lanes);
    }

    /** Any lane may have work. */
    public void wakeAll() {
        woken.add(ALL);
    }

    /**
     * Hands out the heads of the lanes that were woken, or waits a little.
     *
     * @throws Unavailable if the database is away; nothing is lost by that
     */
    public void runOnce() throws InterruptedException {
        Long first = woken.poll(SLOW_POLL.toMillis(), TimeUnit.MILLISECONDS);
        Set<Long> lanes = new HashSet<>();
        woken.drainTo(lanes);
        // On a clock of its own: under steady traffic the queue is never empty, and a lane whose word was lost waits.
        if (first == null || System.nanoTime() - polledAt > SLOW_POLL.toNanos()) {
            polledAt = System.nanoTime();
            lanes.add(ALL);
        }
        if (first != null) {
            lanes.add(first);
        }
        lanes.removeIf(this::postpone);
        if (lanes.isEmpty() || closed) {
            return;
        }
        try {
            if (lanes.contains(ALL)) {
                startAll();
            } else {
                startSome(lanes);
            }
        } catch (RuntimeException e) {
            woken.addAll(lanes);
            throw e;
        }
    }

    private void startAll() {
        List<Long> lanes;
        long last = 0;
        crowded = false;
        do {
            lanes = queue.lanesAfter(last, LISTED);
            last = lanes.isEmpty() ? last : lanes.getLast();
        } while (startSome(lanes.stream().filter(lane -> !postpone(lane)).toList()) && lanes.size() == LISTED);
    }

    /** @return false if some found no room; {@link #startAll} comes back to them */
    private boolean startSome(Collection<Long> lanes) {
        List<Long> rest = List.copyOf(lanes);
        while (!rest.isEmpty() && hasRoom()) {
            List<Long> page = rest.subList(0, Math.min(PAGE, rest.size()));
            queue.heads(page).forEach(this::start);
            rest = rest.subList(page.size(), rest.size());
        }
        if (!rest.isEmpty()) {
            crowded = true;
        }
        return rest.isEmpty();
    }

    private boolean hasRoom() {
        return busy.size() < MAX_BUSY && bytes.get() < MAX_BYTES;
    }

    /** Makes steps durable, for all lanes together. To be called by one thread. */
    public void commitOnce() throws InterruptedException {
        commits.runOnce();
    }

    private void start(Work work) {
        if (closed) {
            return;
        }
        Thread thread = Thread.ofVirtual().name("lane-" + work.lane()).unstarted(() -> drive(work));
        if (busy.putIfAbsent(work.lane(), thread) == null) {
            bytes.addAndGet(work.bytes());
            thread.start();
        } else if (!postpone(work.lane())) {
            woken.add(work.lane());
        }
    }

    /** Notes that a busy lane is to be asked again when it is done; false if it is not busy, or no longer. */
    private boolean postpone(long lane) {
        if (!busy.containsKey(lane)) {
            return false;
        }
        again.add(lane);
        // It may have ended between the two lines above, without seeing the note.
        return busy.containsKey(lane) || !again.remove(lane);
    }

    private void drive(Work head) {
        boolean more = true;
        // Of this lane's own thread, so they need no taking away.
        MDC.put("command_id", head.key().command().value());
        head.container().ifPresent(container -> MDC.put("container_id", container.value()));
        try {
            Optional<LaneRunner.Ended> ended = new LaneRunner(engine, commits, permits, clock, checkpoint, head).run();
            ended.ifPresent(end -> count(head, end));
            more = ended.map(LaneRunner.Ended::more).orElse(true);
        } catch (InterruptedException _) {
            more = false;
        } catch (Superseded _) {
            // The loop that records says so and ends the worker.
            more = false;
        } catch (RuntimeException e) {
            // The slow poll comes back to it: a fault of ours must not become a lost command, nor a hot loop.
            LOG.error("command {} is stuck by a fault", head.key(), e);
            more = false;
        } finally {
            busy.remove(head.lane());
            bytes.addAndGet(-head.bytes());
            if (crowded && busy.size() < MAX_BUSY / 2 && bytes.get() < MAX_BYTES / 2 && !closed) {
                crowded = false;
                woken.add(ALL);
            }
            if ((again.remove(head.lane()) || more) && !closed) {
                woken.add(head.lane());
            }
        }
    }

    private void count(Work work, LaneRunner.Ended ended) {
        String type = work.command().type().toString();
        Timer.builder("dockworker.command.duration").description("From acceptance to the result").tag("type", type)
                .register(meters).record(ended.total());
        Timer.builder("dockworker.command.queue").description("From acceptance to the beginning").register(meters)
                .record(ended.queued());
    }

    /** How many lanes are at work. */
    public int busy() {
        return busy.size();
    }

    /**
     * Begins nothing more, and gives what is under way some time. What does not end is cut short, says so if the database
     * is there, and is settled by the next worker.
     */
    public void close(Duration patience) throws InterruptedException {
        closed = true;
        join(patience);
        busy.values().forEach(Thread::interrupt);
        join(LAST_WORD);
        close();
    }

    private void join(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        for (Thread thread : busy.values().stream().filter(Thread::isAlive).toList()) {
            thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        }
    }

    @Override
    public void close() {
        closed = true;
        busy.values().forEach(Thread::interrupt);
    }
}
