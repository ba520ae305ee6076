package io.dockworker.command;

import java.util.Locale;
import java.util.Optional;

/** The fields of a create that describe its container, by the names under which they are written. */
public enum SpecField {
    IMAGE, NAME, ENV, ENTRYPOINT, COMMAND, PORTS, RESOURCES, LABELS, RESTART_POLICY, HEALTHCHECK, VOLUMES, TMPFS, NETWORKS, NETWORK_MODE, HOSTNAME, EXTRA_HOSTS, DNS, USER, WORKING_DIR, INIT, READ_ONLY, STOP_SIGNAL, STOP_GRACE_PERIOD, CAP_ADD, CAP_DROP, PRIVILEGED, PID, DEVICES, SECURITY_OPT, SYSCTLS, ULIMITS, LOG_DRIVER, LOG_OPTS, GPUS, PLATFORM, PULL_POLICY, REGISTRY_AUTH_REF, SECRET_REFS;

    /** @return empty if no field of a specification is called so */
    public static Optional<SpecField> named(String word) {
        for (SpecField field : values()) {
            if (field.toString().equals(word)) {
                return Optional.of(field);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
