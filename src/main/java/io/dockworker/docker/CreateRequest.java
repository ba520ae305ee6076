package io.dockworker.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.DeviceRequest;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.InternetProtocol;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Ulimit;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.Healthcheck;
import io.dockworker.command.IsolationSpec;
import io.dockworker.command.Logging;
import io.dockworker.command.MemorySize;
import io.dockworker.command.NetworkSpec;
import io.dockworker.command.PortMapping;
import io.dockworker.command.ProcessSpec;
import io.dockworker.command.Resources;
import io.dockworker.command.StorageSpec;
import io.dockworker.execution.EngineCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a specification as the engine's API wants it. What the specification leaves open is left to the engine. */
final class CreateRequest {
    private CreateRequest() {}

    /** @param secrets values of variables, resolved on this host; they stand nowhere else */
    static CreateContainerCmd of(DockerClient client, EngineCall.Create create, Map<String, String> secrets) {
        ContainerSpec spec = create.spec();
        // docker-java looks for a login under the name it is given first, and throws at some names that are valid.
        CreateContainerCmd request = client.createContainerCmd(ImageStore.familiar(spec.image()))
                .withImage(spec.image().given()).withName(create.name().value()).withLabels(create.labels())
                .withExposedPorts(spec.network().ports().stream().map(CreateRequest::exposed).distinct().toList())
                .withHostConfig(hostConfig(spec));
        putProcess(request, spec.process(), secrets);
        spec.network().hostname().ifPresent(request::withHostName);
        spec.pull().platform().ifPresent(request::withPlatform);
        spec.healthcheck().ifPresent(check -> request.withHealthcheck(healthcheck(check)));
        return request;
    }

    private static void putProcess(CreateContainerCmd request, ProcessSpec process, Map<String, String> secrets) {
        Map<String, String> env = new LinkedHashMap<>(process.env());
        env.putAll(secrets);
        request.withEnv(env.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).toList());
        // An empty list is not the same as none: an empty entrypoint would take the image's own away.
        if (!process.entrypoint().isEmpty()) {
            request.withEntrypoint(process.entrypoint());
        }
        if (!process.command().isEmpty()) {
            request.withCmd(process.command());
        }
        process.user().ifPresent(request::withUser);
        process.workingDir().ifPresent(request::withWorkingDir);
        process.stopSignal().ifPresent(request::withStopSignal);
        process.stopGracePeriod().ifPresent(grace -> request.withStopTimeout(Math.toIntExact(grace.toSeconds())));
    }

    private static HealthCheck healthcheck(Healthcheck check) {
        var request = new HealthCheck();
        if (!check.test().isEmpty()) {
            request.withTest(check.test());
        }
        check.interval().ifPresent(time -> request.withInterval(time.toNanos()));
        check.timeout().ifPresent(time -> request.withTimeout(time.toNanos()));
        check.startPeriod().ifPresent(time -> request.withStartPeriod(time.toNanos()));
        check.retries().ifPresent(request::withRetries);
        return request;
    }

    private static HostConfig hostConfig(ContainerSpec spec) {
        HostConfig config = HostConfig.newHostConfig();
        putNetwork(config, spec.network());
        putResources(config, spec.resources());
        putStorage(config, spec.storage());
        putIsolation(config, spec.isolation());
        spec.process().init().ifPresent(config::withInit);
        spec.restartPolicy().ifPresent(policy -> config.withRestartPolicy(
                RestartPolicy.parse(policy.name() + (policy.maximumRetryCount() > 0
                        ? ":" + policy.maximumRetryCount()
                        : ""))));
        spec.logging().ifPresent(logging -> config.withLogConfig(logConfig(logging)));
        return config;
    }

    private static LogConfig logConfig(Logging logging) {
        return logging.driver().<LogConfig>map(AnyLogConfig::new).orElseGet(LogConfig::new)
                .setConfig(logging.options());
    }

    private static void putNetwork(HostConfig config, NetworkSpec network) {
        config.withPortBindings(bindings(network.ports()));
        network.mode().ifPresent(config::withNetworkMode);
        if (!network.networks().isEmpty()) {
            config.withNetworkMode(network.networks().getFirst());
        }
        if (!network.extraHosts().isEmpty()) {
            config.withExtraHosts(network.extraHosts().toArray(String[]::new));
        }
        if (!network.dns().isEmpty()) {
            config.withDns(network.dns());
        }
    }

    private static void putResources(HostConfig config, Resources resources) {
        resources.cpu().ifPresent(cpu -> config.withNanoCPUs(cpu.nanos()));
        // Without a word on swap the engine allows as much swap as memory, as `docker run -m` does.
        resources.memory().map(MemorySize::bytes).ifPresent(config::withMemory);
        resources.memoryReservation().map(MemorySize::bytes).ifPresent(config::withMemoryReservation);
        resources.pids().ifPresent(config::withPidsLimit);
        resources.shm().map(MemorySize::bytes).ifPresent(config::withShmSize);
    }

    private static void putStorage(HostConfig config, StorageSpec storage) {
        if (!storage.volumes().isEmpty()) {
            config.withMounts(storage.volumes().stream().map(CreateRequest::mount).toList());
        }
        if (!storage.tmpfs().isEmpty()) {
            Map<String, String> mounts = new LinkedHashMap<>();
            for (String text : storage.tmpfs()) {
                int colon = text.indexOf(':');
                mounts.put(colon < 0 ? text : text.substring(0, colon), colon < 0 ? "" : text.substring(colon + 1));
            }
            config.withTmpFs(mounts);
        }
        if (storage.readOnly()) {
            config.withReadonlyRootfs(true);
        }
    }

    private static Mount mount(StorageSpec.Volume volume) {
        var mount = new Mount().withTarget(volume.target()).withReadOnly(volume.readOnly())
                .withType(switch (volume.type()) {
                    case VOLUME -> MountType.VOLUME;
                    case BIND -> MountType.BIND;
                });
        return volume.source().isEmpty() ? mount : mount.withSource(volume.source());
    }

    private static void putIsolation(HostConfig config, IsolationSpec isolation) {
        if (!isolation.capAdd().isEmpty()) {
            config.withCapAdd(capabilities(isolation.capAdd()));
        }
        if (!isolation.capDrop().isEmpty()) {
            config.withCapDrop(capabilities(isolation.capDrop()));
        }
        if (isolation.privileged()) {
            config.withPrivileged(true);
        }
        isolation.pid().ifPresent(config::withPidMode);
        if (!isolation.devices().isEmpty()) {
            config.withDevices(isolation.devices().stream()
                    .map(device -> new Device(device.permissions(), device.inContainer(), device.onHost())).toList());
        }
        if (!isolation.securityOpt().isEmpty()) {
            config.withSecurityOpts(isolation.securityOpt());
        }
        if (!isolation.sysctls().isEmpty()) {
            config.withSysctls(isolation.sysctls());
        }
        if (!isolation.ulimits().isEmpty()) {
            List<Ulimit> limits = new ArrayList<>();
            isolation.ulimits().forEach((name, limit) -> limits.add(new Ulimit(name, limit.soft(), limit.hard())));
            config.withUlimits(limits.toArray(Ulimit[]::new));
        }
        isolation.gpus().ifPresent(gpus -> config.withDeviceRequests(List.of(gpus(gpus))));
    }

    /** As `docker run --gpus`. */
    private static DeviceRequest gpus(IsolationSpec.Gpus gpus) {
        var request = new DeviceRequest().withDriver("").withCapabilities(List.of(List.of("gpu")));
        return gpus.ids().isEmpty() ? request.withCount(gpus.count()) : request.withDeviceIds(gpus.ids());
    }

    private static Capability[] capabilities(List<String> names) {
        return names.stream().map(Capability::valueOf).toArray(Capability[]::new);
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
