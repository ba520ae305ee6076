package io.dockworker.health;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Where a version of control groups keeps its counters. A container's group is given as a path that begins with a slash,
 * such as {@code /docker/3f2a…}. Sources: the kernel's documents cgroup-v1/ and cgroup-v2.rst.
 */
sealed interface CgroupLayout {
    /** What is mounted here; empty if it is no cgroup file system. */
    static Optional<CgroupLayout> detect(Path root) {
        if (Files.exists(root.resolve("cgroup.controllers"))) {
            return Optional.of(new Unified(root.toString()));
        }
        // Some systems mount the two controllers together and link the names.
        return Stream.of("cpuacct", "cpu,cpuacct", "cpuacct,cpu")
                .filter(name -> Files.exists(root.resolve(name).resolve("cpuacct.usage")))
                .filter(_ -> Files.isDirectory(root.resolve("memory"))).findFirst()
                .map(name -> new Separate(root + "/" + name, root.toString()));
    }

    /** Nanoseconds of processor time; empty if there is no such group. */
    OptionalLong cpuNanos(KernelFiles files, String group);

    /** Memory in use without the page cache that the kernel would give up first, as {@code docker stats} counts it. */
    OptionalLong workingSet(KernelFiles files, String group);

    OptionalLong pids(KernelFiles files, String group);

    /** Processes killed for lack of memory. */
    OptionalLong oomKills(KernelFiles files, String group);

    Optional<BlockBytes> block(KernelFiles files, String group);

    /** A process of the group; empty where none can be seen from this process's PID namespace. */
    OptionalLong process(KernelFiles files, String group);

    record BlockBytes(long read, long written) {}

    private static OptionalLong visible(OptionalLong pid) {
        return pid.isPresent() && pid.getAsLong() > 0 ? pid : OptionalLong.empty();
    }

    private static OptionalLong without(OptionalLong usage, Optional<String> stat, String cache) {
        long reclaimable = stat.map(text -> KernelFiles.field(text, cache).orElse(0)).orElse(0L);
        // The two are read at different moments, so the part can exceed the whole.
        return usage.isPresent() ? OptionalLong.of(Math.max(0, usage.getAsLong() - reclaimable)) : usage;
    }

    private static OptionalLong oomKills(Optional<String> counters) {
        return counters.map(text -> KernelFiles.field(text, "oom_kill")).orElse(OptionalLong.empty());
    }

    private static long sum(Stream<String> lines, ToLongFunction<String> bytes) {
        return lines.mapToLong(bytes).sum();
    }

    /** Version 2: one tree for all controllers. */
    record Unified(String root) implements CgroupLayout {
        @Override
        public OptionalLong cpuNanos(KernelFiles files, String group) {
            Optional<String> stat = files.text(root + group + "/cpu.stat");
            OptionalLong micros = stat.map(text -> KernelFiles.field(text, "usage_usec"))
                    .orElse(OptionalLong.empty());
            return micros.isPresent() ? OptionalLong.of(micros.getAsLong() * 1_000) : micros;
        }

        @Override
        public OptionalLong workingSet(KernelFiles files, String group) {
            return without(files.number(root + group + "/memory.current"), files.text(root + group + "/memory.stat"),
                    "inactive_file");
        }

        @Override
        public OptionalLong pids(KernelFiles files, String group) {
            return files.number(root + group + "/pids.current");
        }

        @Override
        public OptionalLong oomKills(KernelFiles files, String group) {
            return CgroupLayout.oomKills(files.text(root + group + "/memory.events"));
        }

        @Override
        public Optional<BlockBytes> block(KernelFiles files, String group) {
            return files.text(root + group + "/io.stat")
                    .map(text -> new BlockBytes(sum(text.lines(), line -> value(line, " rbytes=")),
                            sum(text.lines(), line -> value(line, " wbytes="))));
        }

        @Override
        public OptionalLong process(KernelFiles files, String group) {
            return visible(files.number(root + group + "/cgroup.procs"));
        }

        private static long value(String line, String key) {
            int at = line.indexOf(key);
            return at < 0 ? 0 : KernelFiles.leadingNumber(line, at + key.length()).orElse(0);
        }
    }

    /**
     * Version 1: a tree for each controller.
     *
     * @param cpu where cpuacct is mounted
     */
    record Separate(String cpu, String root) implements CgroupLayout {
        private static final List<String> BLOCK_FILES = List.of("/blkio.throttle.io_service_bytes_recursive",
                "/blkio.throttle.io_service_bytes");

        @Override
        public OptionalLong cpuNanos(KernelFiles files, String group) {
            return files.number(cpu + group + "/cpuacct.usage");
        }

        @Override
        public OptionalLong workingSet(KernelFiles files, String group) {
            String memory = root + "/memory" + group;
            return without(files.number(memory + "/memory.usage_in_bytes"), files.text(memory + "/memory.stat"),
                    "total_inactive_file");
        }

        @Override
        public OptionalLong pids(KernelFiles files, String group) {
            return files.number(root + "/pids" + group + "/pids.current");
        }

        @Override
        public OptionalLong oomKills(KernelFiles files, String group) {
            return CgroupLayout.oomKills(files.text(root + "/memory" + group + "/memory.oom_control"));
        }

        @Override
        public Optional<BlockBytes> block(KernelFiles files, String group) {
            return BLOCK_FILES.stream().flatMap(file -> files.text(root + "/blkio" + group + file).stream()).findFirst()
                    .map(text -> new BlockBytes(sum(text.lines(), line -> value(line, " Read ")),
                            sum(text.lines(), line -> value(line, " Write "))));
        }

        @Override
        public OptionalLong process(KernelFiles files, String group) {
            return visible(files.number(cpu + group + "/cgroup.procs"));
        }

        /** A line is {@code 8:0 Read 4096}. */
        private static long value(String line, String word) {
            int at = line.indexOf(word);
            return at < 0 ? 0 : KernelFiles.leadingNumber(line, at + word.length()).orElse(0);
        }
    }
}
