package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.Healthcheck;
import io.dockworker.command.ImagePull;
import io.dockworker.command.IsolationSpec;
import io.dockworker.command.Logging;
import io.dockworker.command.NetworkSpec;
import io.dockworker.command.ProcessSpec;
import io.dockworker.command.Resources;
import io.dockworker.command.RestartPolicy;
import io.dockworker.command.SpecChange;
import io.dockworker.command.SpecField;
import io.dockworker.command.StorageSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Specifications as JSON trees. What a specification leaves to the image or the engine is left out. */
final class SpecTree {
    private SpecTree() {}

    static ObjectNode of(ContainerSpec spec) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        put(tree, spec);
        return tree;
    }

    static void put(ObjectNode tree, ContainerSpec spec) {
        tree.put("image", spec.image().given());
        put(tree, "name", spec.name().map(ContainerName::value));
        put(tree, spec.process());
        put(tree, spec.network());
        put(tree.putObject("resources"), spec.resources());
        put(tree, "labels", spec.labels());
        put(tree, spec.storage());
        put(tree, spec.isolation());
        spec.restartPolicy().ifPresent(policy -> put(tree.putObject("restart_policy"), policy));
        spec.healthcheck().ifPresent(check -> put(tree.putObject("healthcheck"), check));
        spec.logging().ifPresent(logging -> put(tree, logging));
        put(tree, "secret_refs", spec.secretRefs());
        tree.put("pull_policy", spec.pull().policy().toString());
        putSource(tree, spec.pull());
    }

    /** The fields that change, and no other. */
    static void put(ObjectNode tree, SpecChange change) {
        ObjectNode whole = of(change.values());
        for (SpecField field : change.fields()) {
            String name = field.toString();
            // What is left out of a whole specification because it is empty is a change to nothing here.
            tree.set(name, whole.has(name) ? whole.get(name) : nothing(field));
        }
    }

    private static JsonNode nothing(SpecField field) {
        return switch (field) {
            case ENV, PORTS, RESOURCES, LABELS, SYSCTLS, ULIMITS, LOG_OPTS, SECRET_REFS, HEALTHCHECK ->
                JsonNodeFactory.instance.objectNode();
            case ENTRYPOINT, COMMAND, VOLUMES, TMPFS, NETWORKS, EXTRA_HOSTS, DNS, CAP_ADD, CAP_DROP, DEVICES,
                    SECURITY_OPT ->
                JsonNodeFactory.instance.arrayNode();
            case READ_ONLY, PRIVILEGED -> JsonNodeFactory.instance.booleanNode(false);
            case RESTART_POLICY ->
                JsonNodeFactory.instance.objectNode().put("name", RestartPolicy.Name.NO.toString());
            case IMAGE, NAME, NETWORK_MODE, HOSTNAME, USER, WORKING_DIR, INIT, STOP_SIGNAL,
                    STOP_GRACE_PERIOD, PID, LOG_DRIVER, GPUS, PLATFORM, PULL_POLICY, REGISTRY_AUTH_REF ->
                throw new IllegalStateException(field + " has no empty value");
        };
    }

    static void putSource(ObjectNode tree, ImagePull pull) {
        put(tree, "platform", pull.platform());
        put(tree, "registry_auth_ref", pull.authRef());
    }

    static void put(ObjectNode tree, Resources resources) {
        resources.cpu().ifPresent(cpu -> tree.put("cpu_limit", cpu.cores().toPlainString()));
        resources.memory().ifPresent(memory -> tree.put("memory_limit", memory.bytes()));
        resources.memoryReservation().ifPresent(memory -> tree.put("memory_reservation", memory.bytes()));
        resources.pids().ifPresent(pids -> tree.put("pids_limit", pids));
        resources.shm().ifPresent(shm -> tree.put("shm_size", shm.bytes()));
    }

    private static void put(ObjectNode tree, ProcessSpec process) {
        put(tree, "env", process.env());
        put(tree, "entrypoint", process.entrypoint());
        put(tree, "command", process.command());
        put(tree, "user", process.user());
        put(tree, "working_dir", process.workingDir());
        process.init().ifPresent(init -> tree.put("init", init));
        put(tree, "stop_signal", process.stopSignal());
        put(tree, "stop_grace_period", process.stopGracePeriod().map(Durations::write));
    }

    private static void put(ObjectNode tree, NetworkSpec network) {
        if (!network.ports().isEmpty()) {
            ObjectNode ports = tree.putObject("ports");
            network.ports().forEach(port -> {
                ObjectNode binding = ports.putObject(port.key()).put("host_port", port.hostPort());
                if (!port.hostIp().isEmpty()) {
                    binding.put("host_ip", port.hostIp());
                }
            });
        }
        put(tree, "networks", network.networks());
        put(tree, "network_mode", network.mode());
        put(tree, "hostname", network.hostname());
        put(tree, "extra_hosts", network.extraHosts());
        put(tree, "dns", network.dns());
    }

    private static void put(ObjectNode tree, StorageSpec storage) {
        if (!storage.volumes().isEmpty()) {
            ArrayNode volumes = tree.putArray("volumes");
            for (StorageSpec.Volume volume : storage.volumes()) {
                ObjectNode json = volumes.addObject().put("type", volume.type().toString());
                if (!volume.source().isEmpty()) {
                    json.put("source", volume.source());
                }
                json.put("target", volume.target()).put("read_only", volume.readOnly());
            }
        }
        put(tree, "tmpfs", storage.tmpfs());
        flag(tree, "read_only", storage.readOnly());
    }

    private static void put(ObjectNode tree, IsolationSpec isolation) {
        put(tree, "cap_add", isolation.capAdd());
        put(tree, "cap_drop", isolation.capDrop());
        flag(tree, "privileged", isolation.privileged());
        put(tree, "pid", isolation.pid());
        put(tree, "devices", isolation.devices().stream()
                .map(device -> device.onHost() + ":" + device.inContainer() + ":" + device.permissions()).toList());
        put(tree, "security_opt", isolation.securityOpt());
        put(tree, "sysctls", isolation.sysctls());
        if (!isolation.ulimits().isEmpty()) {
            ObjectNode limits = tree.putObject("ulimits");
            isolation.ulimits().forEach(
                    (name, limit) -> limits.putObject(name).put("soft", limit.soft()).put("hard", limit.hard()));
        }
        isolation.gpus().ifPresent(gpus -> {
            if (gpus.ids().isEmpty()) {
                if (gpus.count() < 0) {
                    tree.put("gpus", "all");
                } else {
                    tree.put("gpus", gpus.count());
                }
            } else {
                put(tree, "gpus", gpus.ids());
            }
        });
    }

    private static void put(ObjectNode tree, RestartPolicy policy) {
        tree.put("name", policy.name().toString());
        if (policy.maximumRetryCount() > 0) {
            tree.put("maximum_retry_count", policy.maximumRetryCount());
        }
    }

    private static void put(ObjectNode tree, Healthcheck check) {
        put(tree, "test", check.test());
        put(tree, "interval", check.interval());
        put(tree, "timeout", check.timeout());
        check.retries().ifPresent(retries -> tree.put("retries", retries));
        put(tree, "start_period", check.startPeriod());
    }

    private static void put(ObjectNode tree, Logging logging) {
        put(tree, "log_driver", logging.driver());
        put(tree, "log_opts", logging.options());
    }

    private static void flag(ObjectNode tree, String name, boolean value) {
        if (value) {
            tree.put(name, true);
        }
    }

    private static void put(ObjectNode tree, String name, Optional<?> value) {
        value.ifPresent(
                some -> tree.put(name, some instanceof Duration time ? Durations.write(time) : some.toString()));
    }

    private static void put(ObjectNode tree, String name, Map<String, String> entries) {
        if (!entries.isEmpty()) {
            ObjectNode object = tree.putObject(name);
            entries.forEach(object::put);
        }
    }

    private static void put(ObjectNode tree, String name, List<String> texts) {
        if (!texts.isEmpty()) {
            ArrayNode array = tree.putArray(name);
            texts.forEach(array::add);
        }
    }
}
