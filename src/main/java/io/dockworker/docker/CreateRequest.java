package io.dockworker.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.InternetProtocol;
import com.github.dockerjava.api.model.Ports;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.MemorySize;
import io.dockworker.command.PortMapping;
import io.dockworker.command.Resources;
import io.dockworker.execution.EngineCall;
import java.util.List;
import java.util.Map;

/** Writes a specification as the engine's API wants it. What the specification leaves open is left to the engine. */
final class CreateRequest {
    private CreateRequest() {}

    static CreateContainerCmd of(DockerClient client, EngineCall.Create create) {
        ContainerSpec spec = create.spec();
        // docker-java looks for a login under the name it is given first, and throws at some names that are valid.
        CreateContainerCmd request = client.createContainerCmd(ImageStore.familiar(spec.image()))
                .withImage(spec.image().given()).withName(create.name().value()).withLabels(create.labels())
                .withEnv(spec.env().entrySet().stream().map(CreateRequest::assignment).toList())
                .withExposedPorts(spec.ports().stream().map(CreateRequest::exposed).distinct().toList())
                .withHostConfig(hostConfig(spec));
        // An empty list is not the same as none: an empty entrypoint would take the image's own away.
        if (!spec.entrypoint().isEmpty()) {
            request.withEntrypoint(spec.entrypoint());
        }
        if (!spec.command().isEmpty()) {
            request.withCmd(spec.command());
        }
        return request;
    }

    private static String assignment(Map.Entry<String, String> variable) {
        return variable.getKey() + "=" + variable.getValue();
    }

    private static HostConfig hostConfig(ContainerSpec spec) {
        HostConfig config = HostConfig.newHostConfig().withPortBindings(bindings(spec.ports()));
        spec.networkMode().ifPresent(config::withNetworkMode);
        Resources resources = spec.resources();
        resources.cpu().ifPresent(cpu -> config.withNanoCPUs(cpu.nanos()));
        // Without a word on swap the engine allows as much swap as memory, as `docker run -m` does.
        resources.memory().map(MemorySize::bytes).ifPresent(config::withMemory);
        resources.memoryReservation().map(MemorySize::bytes).ifPresent(config::withMemoryReservation);
        resources.pids().ifPresent(config::withPidsLimit);
        resources.shm().map(MemorySize::bytes).ifPresent(config::withShmSize);
        return config;
    }

    private static Ports bindings(List<PortMapping> mappings) {
        var ports = new Ports();
        for (PortMapping mapping : mappings) {
            String port = mapping.hostPort() == 0 ? "" : Integer.toString(mapping.hostPort());
            ports.bind(exposed(mapping), new Ports.Binding(mapping.hostIp(), port));
        }
        return ports;
    }

    private static ExposedPort exposed(PortMapping mapping) {
        return new ExposedPort(mapping.containerPort(), InternetProtocol.parse(mapping.protocol().toString()));
    }
}
