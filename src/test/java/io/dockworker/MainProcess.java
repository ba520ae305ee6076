package io.dockworker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A verb of the launcher in a process of its own, without the launcher's preparations. */
final class MainProcess {
    private MainProcess() {}

    /**
     * @param directory the current one
     * @param err       for what it writes to standard error
     */
    static Process start(Path directory, Path err, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-cp", classPath(), "io.dockworker.Main"));
        command.addAll(List.of(arguments));
        Coverage.sawVerb(List.of(arguments));
        Coverage.sawSettings(environment);
        Coverage.sawFlags(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(directory.toFile()).redirectError(err.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** The verbs run in another directory than the tests. */
    private static String classPath() {
        return String.join(":", List.of(System.getProperty("java.class.path").split(":")).stream()
                .map(entry -> Path.of(entry).toAbsolutePath().toString()).toList());
    }
}
