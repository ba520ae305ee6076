package io.dockworker;

import io.dockworker.cli.Launcher;
import java.util.Optional;

/** Where the program begins. */
final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        endWithLauncher();
        System.exit(Launcher.run(arguments));
    }

    /** The launcher that waits for this process says its number. Killed, it can no longer pass on that this is to end. */
    private static void endWithLauncher() {
        Optional.ofNullable(System.getenv("DOCKWORKER_LAUNCHER")).map(Long::valueOf).flatMap(ProcessHandle::of)
                .ifPresent(launcher -> {
                    var _ = launcher.onExit().thenRun(() -> System.exit(0));
                });
    }
}
