package io.dockworker.fleet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exclusive right to act on one engine of this machine: a lock on a file named after the engine's id. The operating
 * system drops it with the process that holds it, however that ends. Without it nobody acts on the engine.
 */
public final class EngineLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineLock.class);

    private final FileChannel channel;

    private EngineLock(FileChannel channel) {
        this.channel = channel;
    }

    /** What the lock is for. Each keeps out others of its own kind alone. */
    public enum Purpose {
        WORK(".lock", "this engine is owned by a live worker"), SAMPLING(".health-monitor.lock",
                "this engine is sampled by a live health-monitor");

        private final String suffix;
        private final String taken;

        Purpose(String suffix, String taken) {
            this.suffix = suffix;
            this.taken = taken;
        }
    }

    /** Somebody else has it, or it cannot be had here; the message says the mend. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /**
     * Takes the lock. A holder that is lost, such as a frozen process, is killed first: it must not wake up and go on
     * acting beside its successor.
     *
     * @param holderIsLost asked only if somebody holds it, with the moment since when: whether it has been heard since
     *                     then, and is heard no more
     * @param directory    one that every worker of this engine sees
     * @throws IOException if the directory cannot be used
     */
    public static EngineLock take(Path directory, String engineId, Purpose purpose, Predicate<Instant> holderIsLost)
            throws Refused, IOException, InterruptedException {
        Files.createDirectories(directory);
        Path file = directory.resolve(engineId.replaceAll("[^A-Za-z0-9._-]", "_") + purpose.suffix);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                Optional<Holder> holder = Holder.read(file);
                Optional<ProcessHandle> process = holder.flatMap(Holder::process);
                String who = process.map(one -> "process " + one.pid()).orElse("another process");
                if (holder.filter(one -> holderIsLost.test(one.since())).isEmpty()) {
                    throw new Refused(purpose.taken + " (" + who + "); stop that one first, lock " + file);
                }
                LOG.warn("{} holds {} but has missed three beats: it is killed", who, file);
                process.ifPresent(ProcessHandle::destroyForcibly);
                lock = await(channel);
            }
            if (lock == null) {
                throw new Refused("the lock " + file + " is held by a process that could not be ended");
            }
            write(channel);
            return new EngineLock(channel);
        } catch (Refused | IOException | InterruptedException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static FileLock await(FileChannel channel) throws IOException, InterruptedException {
        FileLock lock = channel.tryLock();
        for (int i = 0; lock == null && i < 50; i++) {
            Thread.sleep(Duration.ofMillis(100));
            lock = channel.tryLock();
        }
        return lock;
    }

    private static void write(FileChannel channel) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        String text = self.pid() + " " + self.info().startInstant().map(Instant::toEpochMilli).orElse(0L) + " "
                + System.currentTimeMillis() + "\n";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
        channel.force(true);
    }

    /**
     * Who holds the lock, by what stands in its file.
     *
     * @param started of the process; numbers of processes are used again
     * @param since   when it got the lock
     */
    private record Holder(long pid, long started, Instant since) {
        private static final Pattern WRITTEN = Pattern.compile("(\\d{1,18}) (\\d{1,18}) (\\d{1,18})");

        static Optional<Holder> read(Path file) throws IOException {
            Matcher written = WRITTEN.matcher(Files.readString(file).strip());
            return written.matches()
                    ? Optional.of(new Holder(Long.parseLong(written.group(1)), Long.parseLong(written.group(2)),
                            Instant.ofEpochMilli(Long.parseLong(written.group(3)))))
                    : Optional.empty();
        }

        Optional<ProcessHandle> process() {
            return ProcessHandle.of(pid).filter(process -> process.info().startInstant().map(Instant::toEpochMilli)
                    .filter(start -> start == started).isPresent());
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
