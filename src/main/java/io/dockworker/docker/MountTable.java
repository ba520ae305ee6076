package io.dockworker.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The file systems that this process sees, after {@code /proc/self/mountinfo}; see proc_pid_mountinfo(5).
 *
 * @param mounts in the order of the file; a later one hides an earlier one at the same point
 */
record MountTable(List<Mount> mounts) {
    private static final Pattern LINE = Pattern.compile("\\d+ \\d+ \\S+ (\\S+) (\\S+) .* - (\\S+) .*");
    private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");
    /** The engine mounts these into each of its containers, from a directory of the container's own. */
    private static final Set<Path> GIVEN = Set.of(Path.of("/etc/hostname"), Path.of("/etc/hosts"),
            Path.of("/etc/resolv.conf"));
    private static final Pattern OF_CONTAINER = Pattern.compile(".*/containers/([0-9a-f]{64})/[a-z.]+");

    /**
     * One of them.
     *
     * @param root of what is mounted, within its own file system
     * @param type as in {@code tmpfs}
     */
    record Mount(String root, Path point, String type) {}

    /** Nothing is mounted, as far as can be seen, where there is no such file. */
    static MountTable ofThisProcess() throws IOException {
        Path file = Path.of("/proc/self/mountinfo");
        return Files.exists(file) ? of(Files.readAllLines(file)) : new MountTable(List.of());
    }

    static MountTable of(List<String> lines) {
        return new MountTable(lines.stream().flatMap(MountTable::mount).toList());
    }

    private static Stream<Mount> mount(String line) {
        Matcher parts = LINE.matcher(line);
        return parts.matches()
                ? Stream.of(new Mount(plain(parts.group(1)), Path.of(plain(parts.group(2))), parts.group(3)))
                : Stream.empty();
    }

    private static String plain(String written) {
        return ESCAPED.matcher(written)
                .replaceAll(code -> Matcher.quoteReplacement(
                        String.valueOf((char) Integer.parseInt(code.group(1), 8))));
    }

    /** The id of the container in which this process runs, if it was made by some Docker Engine. */
    Optional<String> container() {
        return mounts.stream().filter(mount -> GIVEN.contains(mount.point()))
                .map(mount -> OF_CONTAINER.matcher(mount.root())).filter(Matcher::matches)
                .map(found -> found.group(1)).findFirst();
    }

    /** Whether something is mounted at this very path. */
    boolean hasAt(Path path) {
        return mounts.stream().anyMatch(mount -> mount.point().equals(path));
    }

    /** Whether a file there lies in the root file system, or in a memory that was mounted for this process's container. */
    boolean isRootOrMemory(Path path) {
        return mounts.stream().filter(mount -> path.startsWith(mount.point()))
                .max(Comparator.comparingInt(mount -> mount.point().getNameCount()))
                .filter(mount -> mount.point().getNameCount() == 0
                        || (mount.type().equals("tmpfs") && mount.root().equals("/")))
                .isPresent();
    }
}
