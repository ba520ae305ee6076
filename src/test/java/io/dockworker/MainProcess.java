package io.dockworker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A verb of the launcher in a process of its own, without the launcher's preparations. */
final class MainProcess {
    /** Of its terminal. */
    static final int ROWS = 24;
    static final int COLUMNS = 100;

    private MainProcess() {}

    /**
     * @param directory the current one
     * @param err       for what it writes to standard error
     */
    static Process start(Path directory, Path err, Map<String, String> environment, String... arguments)
            throws IOException {
        return begun(directory, err, environment, command(arguments), arguments);
    }

    /**
     * On a terminal of its own, whose keyboard is the process's input and whose screen is its output. Ends with the
     * verb's exit code.
     */
    static Process startOnTerminal(Path directory, Path err, Map<String, String> environment, String... arguments)
            throws IOException {
        String quoted = command(arguments).stream().map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        // Whoever runs the tests in the background lets them inherit that Ctrl-C means nothing.
        return begun(directory, err, environment,
                List.of("env", "--default-signal=INT", "script", "--quiet", "--return", "--command",
                        "stty rows " + ROWS + " columns " + COLUMNS + "; exec " + quoted, "/dev/null"),
                arguments);
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-cp", classPath(), "io.dockworker.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    private static Process begun(Path directory, Path err, Map<String, String> environment, List<String> command,
            String... arguments) throws IOException {
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
