package io.dockworker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.CpuLimit;
import io.dockworker.command.Header;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.MemorySize;
import io.dockworker.command.NetworkSpec;
import io.dockworker.command.PortMapping;
import io.dockworker.command.ProcessSpec;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.Resources;
import io.dockworker.command.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What the journal writes into its own columns comes back as it was. */
final class JsonTest {
    private static final Header HEADER = new Header(new CommandId("c-1"), Optional.empty(), Optional.of("tests"),
            Optional.of("order-7"), Optional.empty(), Optional.of(Instant.parse("2026-01-02T03:04:05.678901Z")),
            Optional.of(Duration.ofMillis(90_500)));

    @Test
    void aCreateComesBackAsItWas() {
        var resources = new Resources(Optional.of(CpuLimit.parse("500m")), Optional.of(MemorySize.parse("64m")),
                Optional.empty(), OptionalLong.of(100), Optional.empty());
        var spec = ContainerSpec.of(new ImageName("nginx:alpine")).with(new ContainerName("web-1"))
                .with(ProcessSpec.of(List.of("-c", "true")).withEnv(Map.of("A", "b"))
                        .withEntrypoint(List.of("/bin/sh")))
                .with(NetworkSpec.publishing(List.of(PortMapping.parse("80/tcp", "127.0.0.1", 0)))).with(resources)
                .withLabels(Map.of("team", "x")).with(ImagePull.of(PullPolicy.NEVER));
        assertComesBack(new Command.Create(HEADER, spec, 3, false));
    }

    @Test
    void commandsForExistingContainersComeBackAsTheyWere() {
        assertComesBack(new Command.Start(HEADER, new Target.One("web-1")));
        assertComesBack(
                new Command.Stop(HEADER, new Target.AllOf(new ImageName("nginx")), Optional.of(Duration.ofSeconds(1)),
                        Optional.of("SIGINT")));
        assertComesBack(new Command.Remove(HEADER, new Target.One("web-1"), true, false));
    }

    private static void assertComesBack(Command command) {
        assertEquals(command, Json.read(Json.write(command), Command.class));
    }
}
