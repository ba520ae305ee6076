package io.dockworker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

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
import io.dockworker.command.SpecChange;
import io.dockworker.command.SpecField;
import io.dockworker.command.Target;
import io.dockworker.wire.CommandDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
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
        var one = new Target.One("web-1");
        var all = new Target.AllOf(new ImageName("nginx"));
        assertComesBack(new Command.Restart(HEADER, all, Optional.empty(), Optional.empty()));
        assertComesBack(new Command.Pause(HEADER, one));
        assertComesBack(new Command.Unpause(HEADER, all));
        assertComesBack(new Command.Kill(HEADER, one, "SIGHUP", true));
        assertComesBack(new Command.Rename(HEADER, one, new ContainerName("web-2")));
        assertComesBack(new Command.Update(HEADER, one, new Resources(Optional.empty(),
                Optional.of(MemorySize.parse("1g")), Optional.empty(), OptionalLong.of(-1), Optional.empty())));
        assertComesBack(new Command.Pull(HEADER, new ImageName("nginx"),
                new ImagePull(PullPolicy.ALWAYS, Optional.of("linux/arm64"), Optional.of("hub"))));
        assertComesBack(new Command.Cancel(HEADER, new CommandId("c-0")));
    }

    @Test
    void everyFieldOfAContainerComesBackAsItWas() {
        Command.Create create = assertInstanceOf(Command.Create.class,
                new CommandDecoder().decodeStored(
                        """
                                {"id":"f","type":"create","image":"nginx","env":{"B":"1","A":"2"},"entrypoint":["sh"],"command":["-c","x"],
                                 "ports":{"80":0,"53/udp":{"host_ip":"::1","host_port":53}},
                                 "resources":{"cpu_limit":"2","memory_limit":"1g","memory_reservation":"512m","pids_limit":9,
                                   "shm_size":"1m"},
                                 "labels":{"a":"b"},"restart_policy":{"name":"on-failure","maximum_retry_count":3},
                                 "healthcheck":{"test":["CMD","true"],"interval":"1m30s","timeout":"500ms","retries":2,
                                   "start_period":"1.5h"},
                                 "volumes":[{"source":"data","target":"/data"},{"type":"bind","source":"/srv","target":"/srv"}],
                                 "tmpfs":["/run"],"networks":["shop"],"hostname":"h","extra_hosts":["db:10.0.0.7"],"dns":["1.1.1.1"],
                                 "user":"1","working_dir":"/srv","init":true,"read_only":true,"stop_signal":"SIGINT",
                                 "stop_grace_period":"30s","cap_add":["NET_ADMIN"],"cap_drop":["ALL"],"privileged":true,"pid":"host",
                                 "devices":["/dev/sda:/dev/xvda:r"],"security_opt":["no-new-privileges"],
                                 "sysctls":{"net.core.somaxconn":1024},"ulimits":{"nofile":{"soft":1024,"hard":4096}},
                                 "log_driver":"json-file","log_opts":{"max-size":"10m"},"gpus":["GPU-1"],"platform":"linux/amd64",
                                 "pull_policy":"always","registry_auth_ref":"ghcr","secret_refs":{"PASSWORD":"shop-db"}}"""
                                .getBytes(StandardCharsets.UTF_8)));
        assertComesBack(create);
        assertComesBack(new Command.Replace(HEADER, new Target.One("web-1"),
                new SpecChange(create.spec(), EnumSet.allOf(SpecField.class)),
                Optional.of(Command.Replace.Order.STOP_FIRST)));
    }

    private static void assertComesBack(Command command) {
        assertEquals(command, Json.read(Json.write(command), Command.class));
    }
}
