package io.dockworker.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks are between processes, so the other holder is one. */
class EngineLockTest {
    @TempDir
    private Path directory;
    private Process holder;

    @AfterEach
    void end() throws InterruptedException {
        if (holder != null) {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void aLiveHolderKeepsIt() throws Exception {
        hold();
        EngineLock.Refused refused = assertThrows(EngineLock.Refused.class,
                () -> EngineLock.take(directory, "engine:1", EngineLock.Purpose.WORK, _ -> false));
        assertTrue(refused.getMessage().contains("process " + holder.pid()), refused.getMessage());
        assertTrue(holder.isAlive());
        EngineLock.take(directory, "another", EngineLock.Purpose.WORK, _ -> false).close();
    }

    @Test
    void aHolderThatDiedNeedsNoPermission() throws Exception {
        hold();
        holder.destroyForcibly().waitFor();
        EngineLock.take(directory, "engine:1", EngineLock.Purpose.WORK, _ -> {
            throw new AssertionError("asked");
        }).close();
    }

    @Test
    void aFrozenHolderIsKilledAndItsLockTaken() throws Exception {
        hold();
        signal("STOP");
        assertThrows(EngineLock.Refused.class,
                () -> EngineLock.take(directory, "engine:1", EngineLock.Purpose.WORK, _ -> false));
        assertTrue(holder.isAlive());
        try (EngineLock _ = EngineLock.take(directory, "engine:1", EngineLock.Purpose.WORK, _ -> true)) {
            assertTrue(holder.waitFor(5, TimeUnit.SECONDS));
            assertFalse(holder.isAlive());
            assertTrue(Files.readString(directory.resolve("engine_1.lock"))
                    .startsWith(ProcessHandle.current().pid() + " "));
        }
    }

    @Test
    void itIsAskedOfTheHolderAloneWhetherItIsLost() throws Exception {
        Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        hold();
        var since = new AtomicReference<Instant>();
        assertThrows(EngineLock.Refused.class,
                () -> EngineLock.take(directory, "engine:1", EngineLock.Purpose.WORK, taken -> {
                    since.set(taken);
                    return false;
                }));
        assertFalse(since.get().isBefore(before), "the beats of a predecessor are older");
        assertFalse(since.get().isAfter(Instant.now()));
    }

    @Test
    void aProcessThatOnlyBearsTheHoldersNumberIsNotKilled() throws Exception {
        hold();
        // As if the number had been used again: another process, that started at another time.
        Files.writeString(directory.resolve("engine_1.lock"), holder.pid() + " 1 1\n");
        assertThrows(EngineLock.Refused.class,
                () -> EngineLock.take(directory, "engine:1", EngineLock.Purpose.WORK, _ -> true));
        assertTrue(holder.isAlive());
    }

    @Test
    void aDirectoryThatIsAFileIsAFault() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        assertThrows(IOException.class, () -> EngineLock.take(file, "engine:1", EngineLock.Purpose.WORK, _ -> false));
    }

    private void hold() throws IOException {
        holder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Holder.class.getName(),
                directory.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader answer = holder.inputReader();
        String line = answer.readLine();
        while (line != null && !line.equals("held")) {
            line = answer.readLine();
        }
        assertEquals("held", line);
    }

    private void signal(String name) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, String.valueOf(holder.pid())).start().waitFor());
    }

    /** Takes the lock, says so, and lives until it is ended or its parent is. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            try (EngineLock _ = EngineLock.take(Path.of(arguments[0]), "engine:1", EngineLock.Purpose.WORK,
                    _ -> false)) {
                System.out.println("held");
                while (System.in.read() >= 0) {
                    Thread.onSpinWait();
                }
            }
        }
    }
}
