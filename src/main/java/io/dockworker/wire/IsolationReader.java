package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.IsolationSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads how far a container is shut off from its host. */
final class IsolationReader {
    /** capabilities(7), and Docker's word for all of them. */
    private static final Set<String> CAPABILITIES = Set.of("ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE",
            "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER",
            "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD",
            "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP",
            "SETUID", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYSLOG", "SYS_MODULE", "SYS_NICE", "SYS_PACCT",
            "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM");
    private static final Pattern DEVICE = Pattern
            .compile("(?<host>/[^:]+)(?::(?<inside>/[^:]+))?(?::(?<permissions>[rwm]{1,3}))?");
    private static final Pattern PID = Pattern.compile("host|container:[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final int MAX_GPUS = 1_024;

    private IsolationReader() {}

    static IsolationSpec read(Fields fields) {
        return new IsolationSpec(NetworkReader.oneOrMore(fields, "cap_add", IsolationReader::capability),
                NetworkReader.oneOrMore(fields, "cap_drop", IsolationReader::capability),
                fields.flag("privileged", false), fields.text("pid", IsolationReader::pid),
                NetworkReader.oneOrMore(fields, "devices", IsolationReader::checkDevice).stream()
                        .map(IsolationReader::device).toList(),
                fields.texts("security_opt"), sysctls(fields), ulimits(fields), gpus(fields));
    }

    private static String capability(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        String name = upper.startsWith("CAP_") ? upper.substring(4) : upper;
        if (!CAPABILITIES.contains(name)) {
            throw new InvalidValue("write a capability of Linux, as in \"NET_ADMIN\", or \"ALL\"");
        }
        return name;
    }

    private static String pid(String text) {
        if (!PID.matcher(text).matches()) {
            throw new InvalidValue("write \"host\" or \"container:name\"");
        }
        return text;
    }

    private static String checkDevice(String text) {
        if (!DEVICE.matcher(text).matches()) {
            throw new InvalidValue("write a device as \"/dev/ttyUSB0\" or \"/dev/sda:/dev/xvda:rwm\"");
        }
        return text;
    }

    private static IsolationSpec.Device device(String text) {
        var parts = DEVICE.matcher(text);
        parts.matches();
        String host = parts.group("host");
        return new IsolationSpec.Device(host, Optional.ofNullable(parts.group("inside")).orElse(host),
                Optional.ofNullable(parts.group("permissions")).orElse("rwm"));
    }

    private static Map<String, String> sysctls(Fields fields) {
        return fields.dictionary("sysctls", name -> {
            if (!name.matches("[a-z0-9_]+(?:[./][A-Za-z0-9_-]+)+")) {
                throw new InvalidValue("write the name of a kernel setting, as in \"net.core.somaxconn\"");
            }
        });
    }

    /** As Compose: a number for both limits, or {@code {"soft": 1, "hard": 2}}. */
    private static Map<String, IsolationSpec.Ulimit> ulimits(Fields fields) {
        Map<String, IsolationSpec.Ulimit> limits = new LinkedHashMap<>();
        fields.within("ulimits", "{\"nofile\": 1024}").ifPresent(inner -> {
            for (String name : inner.names()) {
                if (!name.matches("[a-z]{2,20}")) {
                    throw new InvalidField(inner.at(name), "write the name of a limit, as in \"nofile\"");
                }
                limits.put(name, ulimit(inner, name));
            }
        });
        return limits;
    }

    private static IsolationSpec.Ulimit ulimit(Fields ulimits, String name) {
        JsonNode value = ulimits.find(name).orElseThrow();
        if (!(value instanceof ObjectNode object)) {
            long both = Fields.integer(ulimits.at(name), value, -1, Long.MAX_VALUE);
            return new IsolationSpec.Ulimit(both, both);
        }
        var inner = new Fields(ulimits.at(name), object);
        FieldNames.check(FieldNames.ULIMIT, inner);
        long soft = inner.integer("soft", -1, Long.MAX_VALUE)
                .orElseThrow(() -> new InvalidField(inner.at("soft"), "give both, `soft` and `hard`"));
        long hard = inner.integer("hard", -1, Long.MAX_VALUE)
                .orElseThrow(() -> new InvalidField(inner.at("hard"), "give both, `soft` and `hard`"));
        return Fields.valid(ulimits.at(name), () -> new IsolationSpec.Ulimit(soft, hard));
    }

    private static Optional<IsolationSpec.Gpus> gpus(Fields fields) {
        return fields.find("gpus").map(value -> {
            if (value.isArray()) {
                List<String> ids = fields.texts("gpus");
                if (ids.isEmpty()) {
                    throw new InvalidField("/gpus", "name at least one, or leave the field out");
                }
                return new IsolationSpec.Gpus(0, ids);
            }
            if (value.isTextual() && value.textValue().equals("all")) {
                return new IsolationSpec.Gpus(-1, List.of());
            }
            if (!value.isNumber()) {
                throw new InvalidField("/gpus", "write how many, \"all\", or a list of ids, not " + Fields.kind(value));
            }
            return new IsolationSpec.Gpus((int) Fields.integer("/gpus", value, 1, MAX_GPUS), List.of());
        });
    }
}
