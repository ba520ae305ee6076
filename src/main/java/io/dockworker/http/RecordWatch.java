package io.dockworker.http;

import io.dockworker.command.CommandId;
import io.dockworker.http.ContainerView.ViewUnavailable;
import io.dockworker.journal.Changes;
import io.dockworker.journal.CommandViews;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets any number of requests wait for news on record, while one thread asks for all of them: what the database has to do
 * does not grow with those who wait, and is nothing while nobody does.
 */
final class RecordWatch implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration PAUSE_WHEN_AWAY = Duration.ofSeconds(1);

    private final RecordView records;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wanted = lock.newCondition();
    private final Condition news = lock.newCondition();
    /** By command, how many wait for it. */
    private final Map<CommandId, Integer> commands = new HashMap<>();
    private final Map<CommandId, CommandViews.View> ended = new HashMap<>();
    private int readers;
    private Changes.Position end = Changes.Position.START;
    private final Thread thread;

    RecordWatch(RecordView records) {
        this.records = records;
        thread = Thread.ofVirtual().name("http-watch").start(this::run);
    }

    /** Waits until the command has ended, or the time is up. */
    Optional<CommandViews.View> awaitEnd(CommandId command, Duration limit) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            commands.merge(command, 1, Integer::sum);
            wanted.signal();
            long left = limit.toNanos();
            while (!ended.containsKey(command) && left > 0) {
                left = news.awaitNanos(left);
            }
            return Optional.ofNullable(ended.get(command));
        } finally {
            commands.computeIfPresent(command, (_, waiting) -> waiting == 1 ? null : waiting - 1);
            if (!commands.containsKey(command)) {
                ended.remove(command);
            }
            lock.unlock();
        }
    }

    /** Waits until there are changes behind the position, or the time is up. */
    void awaitChange(Changes.Position position, Duration limit) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            readers++;
            wanted.signal();
            long left = limit.toNanos();
            while (end.compareTo(position) <= 0 && left > 0) {
                left = news.awaitNanos(left);
            }
        } finally {
            readers--;
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (true) {
                boolean answered = ask();
                TimeUnit.NANOSECONDS.sleep((answered ? PAUSE : PAUSE_WHEN_AWAY).toNanos());
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    private boolean ask() throws InterruptedException {
        Set<CommandId> asked;
        boolean changes;
        lock.lockInterruptibly();
        try {
            while (commands.isEmpty() && readers == 0) {
                wanted.await();
            }
            asked = Set.copyOf(commands.keySet());
            changes = readers > 0;
        } finally {
            lock.unlock();
        }
        try {
            var now = asked.isEmpty() ? List.<CommandViews.View>of() : records.ended(asked);
            Optional<Changes.Position> last = changes ? Optional.of(records.endOfChanges()) : Optional.empty();
            lock.lockInterruptibly();
            try {
                now.stream().filter(view -> commands.containsKey(view.id()))
                        .forEach(view -> ended.put(view.id(), view));
                end = last.orElse(end);
                news.signalAll();
            } finally {
                lock.unlock();
            }
            return true;
        } catch (ViewUnavailable _) {
            return false;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
