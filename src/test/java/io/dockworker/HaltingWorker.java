package io.dockworker;

import io.dockworker.execution.Checkpoint;
import io.dockworker.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.slf4j.MDC;

/**
 * A worker in a process of its own that dies at named points, as by kill -9: each of the commands it is told of comes to
 * its own point and no further, and when all have come there, it is over. For fault tests.
 */
final class HaltingWorker implements Checkpoint {
    private static final int KILLED = 137;

    private final Map<String, String> waited;

    private HaltingWorker(Map<String, String> points) {
        waited = new ConcurrentHashMap<>(points);
    }

    /** A file with a line for each command, its id and its point; then settings as flags. */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> points = Files.readAllLines(Path.of(arguments[0])).stream().map(line -> line.split(" "))
                .collect(Collectors.toMap(words -> words[0], words -> words[1]));
        List<String> flags = Arrays.asList(arguments).subList(1, arguments.length);
        Worker.start(Settings.read(System.getenv(), flags), Worker.How.WITH_ANY_PORT, new HaltingWorker(points));
        System.out.println("READY");
        new CountDownLatch(1).await();
    }

    @Override
    public void reached(String point) {
        // A lane's thread names its command for the log.
        String command = String.valueOf(MDC.get("command_id"));
        if (!waited.remove(command, point)) {
            return;
        }
        System.out.println("REACHED " + command + " " + point);
        if (waited.isEmpty()) {
            Runtime.getRuntime().halt(KILLED);
        }
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
