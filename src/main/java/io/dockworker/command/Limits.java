package io.dockworker.command;

import java.util.Optional;
import java.util.OptionalLong;

/** What a container may use, as its engine has it; what is empty has no limit. */
public record Limits(Optional<CpuLimit> cpu, Optional<MemorySize> memory, Optional<MemorySize> memoryReservation,
        OptionalLong pids) {
    public static final Limits NONE = new Limits(Optional.empty(), Optional.empty(), Optional.empty(),
            OptionalLong.empty());
}
