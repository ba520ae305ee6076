package io.dockworker.health;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the kernel's own counters of the containers on this machine, without asking the engine. It knows both versions of
 * control groups and both of Docker's drivers, and keeps nothing open between two sweeps.
 */
public final class CgroupStats implements StatsSource {
    /** Docker's own name for the network of the host. */
    private static final String HOST_NETWORK = "host";

    private final CgroupLayout layout;
    private final Path proc;

    private CgroupStats(CgroupLayout layout, Path proc) {
        this.layout = layout;
        this.proc = proc;
    }

    /**
     * @param cgroups where control groups are mounted, usually {@code /sys/fs/cgroup}
     * @param proc    usually {@code /proc}
     * @return empty if no control groups are mounted there. That there are some does not say that the engine's containers
     *         are among them: see {@link #usable} and {@link #orElse}
     */
    public static Optional<CgroupStats> at(Path cgroups, Path proc) {
        return CgroupLayout.detect(cgroups).map(layout -> new CgroupStats(layout, proc));
    }

    /** Whether at least one of these can be read; an engine elsewhere, or one with a cgroup parent of its own, has none. */
    public boolean usable(Collection<ContainerSnapshot> running) {
        return !read(running).isEmpty();
    }

    /** This, and the other source for a sweep in which this could read nothing at all. */
    public StatsSource orElse(StatsSource other) {
        return running -> {
            Map<ContainerId, Usage> readings = read(running);
            return readings.isEmpty() && !running.isEmpty() ? other.read(running) : readings;
        };
    }

    @Override
    public Map<ContainerId, Usage> read(Collection<ContainerSnapshot> running) {
        var sweep = new Sweep();
        Map<ContainerId, Usage> readings = HashMap.newHashMap(running.size());
        for (ContainerSnapshot container : running) {
            sweep.read(container).ifPresent(usage -> readings.put(container.id(), usage));
        }
        return readings;
    }

    /** Docker's two ways to name a container's group, by its cgroup driver. */
    private enum Driver {
        CGROUPFS {
            @Override
            String group(ContainerId id) {
                return "/docker/" + id;
            }
        },
        SYSTEMD {
            @Override
            String group(ContainerId id) {
                return "/system.slice/docker-" + id + ".scope";
            }
        };

        abstract String group(ContainerId id);
    }

    private final class Sweep {
        private final KernelFiles files = new KernelFiles();
        private final Optional<Path> hostNetwork = network("1").or(() -> network("self"));
        /** An engine has one driver, so the one that was right is tried first. */
        private List<Driver> drivers = List.of(Driver.CGROUPFS, Driver.SYSTEMD);

        /** Found when first needed, for it reads a file of every process of the host. */
        private Optional<Map<ContainerId, String>> processes = Optional.empty();

        Optional<Usage> read(ContainerSnapshot container) {
            for (Driver driver : drivers) {
                String group = driver.group(container.id());
                OptionalLong cpu = layout.cpuNanos(files, group);
                long now = System.nanoTime();
                if (cpu.isPresent()) {
                    if (drivers.getFirst() != driver) {
                        drivers = drivers.reversed();
                    }
                    OptionalLong memory = layout.workingSet(files, group);
                    return memory.isEmpty()
                            ? Optional.empty()
                            : Optional.of(usage(container, group, now, cpu.getAsLong(), memory.getAsLong()));
                }
            }
            return Optional.empty();
        }

        private Usage usage(ContainerSnapshot container, String group, long now, long cpuNanos, long memoryBytes) {
            Optional<CgroupLayout.BlockBytes> block = layout.block(files, group);
            Optional<NetworkBytes> network = container.networks().contains(HOST_NETWORK)
                    ? Optional.empty()
                    : process(container, group).flatMap(this::traffic);
            return new Usage(now, cpuNanos, memoryBytes,
                    optional(network.map(NetworkBytes::received)), optional(network.map(NetworkBytes::sent)),
                    optional(block.map(CgroupLayout.BlockBytes::read)),
                    optional(block.map(CgroupLayout.BlockBytes::written)), layout.pids(files, group),
                    layout.oomKills(files, group));
        }

        private Optional<String> process(ContainerSnapshot container, String group) {
            OptionalLong listed = layout.process(files, group);
            if (listed.isPresent()) {
                return Optional.of(Long.toString(listed.getAsLong()));
            }
            // The list shows nothing that is beyond this process's PID namespace; the mounted /proc has names of its own.
            processes = processes.or(() -> Optional.of(Processes.byContainer(files, proc)));
            return Optional.ofNullable(processes.get().get(container.id()));
        }

        /** Empty where the process shares the host's network, whose traffic is not the container's. */
        private Optional<NetworkBytes> traffic(String pid) {
            Optional<Path> own = network(pid);
            return own.isPresent() && own.equals(hostNetwork)
                    ? Optional.empty()
                    : files.text(proc + "/" + pid + "/net/dev").flatMap(NetworkBytes::parse);
        }

        private Optional<Path> network(String pid) {
            try {
                return Optional.of(Files.readSymbolicLink(proc.resolve(pid).resolve("ns/net")));
            } catch (IOException _) {
                return Optional.empty();
            }
        }
    }

    private static OptionalLong optional(Optional<Long> value) {
        return value.map(OptionalLong::of).orElse(OptionalLong.empty());
    }
}
