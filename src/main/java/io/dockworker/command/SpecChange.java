package io.dockworker.command;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Some fields of a specification, to be put in the place of another's.
 *
 * @param values what is not among the fields means nothing in it
 */
public record SpecChange(ContainerSpec values, Set<SpecField> fields) {
    public SpecChange {
        fields = Set.copyOf(fields);
    }

    /** The other name, if it gives one. */
    public Optional<ContainerName> name() {
        return fields.contains(SpecField.NAME) ? values.name() : Optional.empty();
    }

    /**
     * The base with these fields in the place of its own. A {@code network_mode} takes the place of networks and the
     * reverse, since no container has both.
     *
     * @throws InvalidValue if the two do not go together
     */
    public ContainerSpec applyTo(ContainerSpec base) {
        return new ContainerSpec(pick(SpecField.IMAGE, base.image(), values.image()), pull(base.pull(), values.pull()),
                name().or(base::name), pick(SpecField.LABELS, base.labels(), values.labels()),
                process(base.process(), values.process()), network(base.network(), values.network()),
                storage(base.storage(), values.storage()),
                pick(SpecField.RESOURCES, base.resources(), values.resources()),
                isolation(base.isolation(), values.isolation()),
                pick(SpecField.RESTART_POLICY, base.restartPolicy(), values.restartPolicy()),
                pick(SpecField.HEALTHCHECK, base.healthcheck(), values.healthcheck()),
                logging(base.logging(), values.logging()),
                pick(SpecField.SECRET_REFS, base.secretRefs(), values.secretRefs()));
    }

    private <T> T pick(SpecField field, T old, T changed) {
        return fields.contains(field) ? changed : old;
    }

    private ImagePull pull(ImagePull base, ImagePull other) {
        return new ImagePull(pick(SpecField.PULL_POLICY, base.policy(), other.policy()),
                pick(SpecField.PLATFORM, base.platform(), other.platform()),
                pick(SpecField.REGISTRY_AUTH_REF, base.authRef(), other.authRef()));
    }

    private ProcessSpec process(ProcessSpec base, ProcessSpec other) {
        return new ProcessSpec(pick(SpecField.ENV, base.env(), other.env()),
                pick(SpecField.ENTRYPOINT, base.entrypoint(), other.entrypoint()),
                pick(SpecField.COMMAND, base.command(), other.command()),
                pick(SpecField.USER, base.user(), other.user()),
                pick(SpecField.WORKING_DIR, base.workingDir(), other.workingDir()),
                pick(SpecField.INIT, base.init(), other.init()),
                pick(SpecField.STOP_SIGNAL, base.stopSignal(), other.stopSignal()),
                pick(SpecField.STOP_GRACE_PERIOD, base.stopGracePeriod(), other.stopGracePeriod()));
    }

    private NetworkSpec network(NetworkSpec base, NetworkSpec other) {
        Set<SpecField> how = EnumSet.of(SpecField.NETWORKS, SpecField.NETWORK_MODE);
        boolean changed = fields.stream().anyMatch(how::contains);
        return new NetworkSpec(pick(SpecField.PORTS, base.ports(), other.ports()),
                changed ? other.networks() : base.networks(), changed ? other.mode() : base.mode(),
                pick(SpecField.HOSTNAME, base.hostname(), other.hostname()),
                pick(SpecField.EXTRA_HOSTS, base.extraHosts(), other.extraHosts()),
                pick(SpecField.DNS, base.dns(), other.dns()));
    }

    private StorageSpec storage(StorageSpec base, StorageSpec other) {
        return new StorageSpec(pick(SpecField.VOLUMES, base.volumes(), other.volumes()),
                pick(SpecField.TMPFS, base.tmpfs(), other.tmpfs()),
                pick(SpecField.READ_ONLY, base.readOnly(), other.readOnly()));
    }

    private IsolationSpec isolation(IsolationSpec base, IsolationSpec other) {
        return new IsolationSpec(pick(SpecField.CAP_ADD, base.capAdd(), other.capAdd()),
                pick(SpecField.CAP_DROP, base.capDrop(), other.capDrop()),
                pick(SpecField.PRIVILEGED, base.privileged(), other.privileged()),
                pick(SpecField.PID, base.pid(), other.pid()), pick(SpecField.DEVICES, base.devices(), other.devices()),
                pick(SpecField.SECURITY_OPT, base.securityOpt(), other.securityOpt()),
                pick(SpecField.SYSCTLS, base.sysctls(), other.sysctls()),
                pick(SpecField.ULIMITS, base.ulimits(), other.ulimits()),
                pick(SpecField.GPUS, base.gpus(), other.gpus()));
    }

    private Optional<Logging> logging(Optional<Logging> base, Optional<Logging> other) {
        Logging none = new Logging(Optional.empty(), Map.of());
        var merged = new Logging(
                pick(SpecField.LOG_DRIVER, base.orElse(none).driver(), other.orElse(none).driver()),
                pick(SpecField.LOG_OPTS, base.orElse(none).options(), other.orElse(none).options()));
        return merged.equals(none) ? Optional.empty() : Optional.of(merged);
    }
}
