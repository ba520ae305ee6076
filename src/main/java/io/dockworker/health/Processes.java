package io.dockworker.health;

import io.dockworker.command.ContainerId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which processes are whose, by what {@code /proc/<pid>/cgroup} says. */
final class Processes {
    private static final Pattern CONTAINER = Pattern.compile("[0-9a-f]{64}");

    private Processes() {}

    /** One process of each container: its number as this {@code /proc} has it. */
    static Map<ContainerId, String> byContainer(KernelFiles files, Path proc) {
        Map<ContainerId, String> found = new HashMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                String pid = process.getFileName().toString();
                files.text(process + "/cgroup").map(CONTAINER::matcher).filter(Matcher::find)
                        .ifPresent(id -> found.putIfAbsent(new ContainerId(id.group()), pid));
            }
        } catch (IOException _) {
            // What cannot be listed has no processes that could be read.
        }
        return found;
    }
}
