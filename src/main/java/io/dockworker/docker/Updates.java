package io.dockworker.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.UpdateContainerCmd;
import io.dockworker.command.Resources;
import io.dockworker.execution.EngineCall;

/** Changes the limits of a container, as `docker update`. */
final class Updates {
    private Updates() {}

    static void send(DockerClient client, EngineCall.Update update) {
        Resources limits = update.limits();
        UpdateContainerCmd request = client.updateContainerCmd(update.id().value());
        limits.cpu().ifPresent(cpu -> request.withNanoCPUs(cpu.nanos()));
        limits.memory().ifPresent(memory -> {
            request.withMemory(memory.bytes());
            // Swap goes with it, twice in all as when it was made: else the engine refuses a limit above the old swap.
            request.withMemorySwap(2 * memory.bytes());
        });
        limits.memoryReservation().ifPresent(memory -> request.withMemoryReservation(memory.bytes()));
        limits.pids().ifPresent(request::withPidsLimit);
        request.exec();
    }
}
