package io.dockworker.health;

import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What this machine has. Processors and memory are read from the kernel, since the Java runtime tells of what this
 * process may use, which is less where the worker itself has limits.
 */
public final class LocalHost implements Supplier<StatsSource.HostCapacity> {
    private final Path proc;
    private final Optional<File> dockerData;

    /**
     * @param proc       usually {@code /proc}
     * @param dockerData the engine's {@code DockerRootDir}; without it, or where this process cannot see it, nothing is
     *                   said of the disk
     */
    public LocalHost(Path proc, Optional<Path> dockerData) {
        this.proc = proc;
        this.dockerData = dockerData.map(Path::toFile);
    }

    @Override
    public StatsSource.HostCapacity get() {
        var files = new KernelFiles();
        int cores = files.text(proc + "/stat").map(LocalHost::cores).filter(count -> count > 0)
                .orElseGet(() -> Runtime.getRuntime().availableProcessors());
        long memory = files.text(proc + "/meminfo").map(LocalHost::memoryBytes).orElse(0L);
        return new StatsSource.HostCapacity(cores, memory, dockerData.flatMap(LocalHost::usedPercent));
    }

    /** A line {@code cpu0 …} for each processor, behind one {@code cpu …} for all. */
    private static int cores(String stat) {
        return (int) stat.lines().filter(line -> line.startsWith("cpu") && !line.startsWith("cpu ")).count();
    }

    private static long memoryBytes(String meminfo) {
        String total = meminfo.lines().filter(line -> line.startsWith("MemTotal:")).findFirst().orElse("MemTotal:0");
        return KernelFiles.leadingNumber(total.substring("MemTotal:".length()).strip(), 0).orElse(0) * 1024;
    }

    /** As {@code df} counts: what is reserved for root is neither used nor free. Three calls; a FileStore lists mounts. */
    private static Optional<Double> usedPercent(File directory) {
        double used = directory.getTotalSpace() - directory.getFreeSpace();
        double available = directory.getUsableSpace();
        return used + available == 0 ? Optional.empty() : Optional.of(100 * used / (used + available));
    }
}
