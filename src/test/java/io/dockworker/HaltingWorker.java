package io.dockworker;

import io.dockworker.settings.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A worker in a process of its own that dies at a named point, as by kill -9. For fault tests. */
final class HaltingWorker {
    private static final int KILLED = 137;

    private HaltingWorker() {}

    /** The point, or {@code never}; then settings as flags. */
    public static void main(String[] arguments) throws Exception {
        String point = arguments[0];
        List<String> flags = Arrays.asList(arguments).subList(1, arguments.length);
        Worker.start(Settings.read(System.getenv(), flags), Worker.How.WITH_ANY_PORT, reached -> {
            if (reached.equals(point)) {
                Runtime.getRuntime().halt(KILLED);
            }
        });
        System.out.println("READY");
        new CountDownLatch(1).await();
    }
}
