package io.dockworker.command;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a container may use of its host.
 *
 * @param pids how many processes; −1 for no limit
 */
public record Resources(Optional<CpuLimit> cpu, Optional<MemorySize> memory, Optional<MemorySize> memoryReservation,
        OptionalLong pids, Optional<MemorySize> shm) {
    public static final Resources UNLIMITED = new Resources(Optional.empty(), Optional.empty(), Optional.empty(),
            OptionalLong.empty(), Optional.empty());

    public Resources {
        memory.ifPresent(MemorySize::asLimit);
        memoryReservation.ifPresent(MemorySize::asLimit);
        if (memory.isPresent() && memoryReservation.isPresent()
                && memoryReservation.get().bytes() > memory.get().bytes()) {
            throw new InvalidValue("memory_reservation may not exceed memory_limit");
        }
        if (pids.isPresent() && (pids.getAsLong() < -1 || pids.getAsLong() == 0)) {
            throw new InvalidValue("pids_limit is at least 1, or -1 for none");
        }
    }

    /** These, with what the other names in its place. */
    public Resources changedBy(Resources other) {
        return new Resources(other.cpu.or(() -> cpu), other.memory.or(() -> memory),
                other.memoryReservation.or(() -> memoryReservation), other.pids.isPresent() ? other.pids : pids,
                other.shm.or(() -> shm));
    }
}
