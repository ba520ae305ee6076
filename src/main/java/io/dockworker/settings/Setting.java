package io.dockworker.settings;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The table of settings, in the order in which people should read them. The constant's name is the environment
 * variable; {@link #flag()} is the same as a flag. Beside these, every {@code KAFKA_…} variable is a property of the
 * Kafka clients.
 */
public enum Setting {
    // @formatter:off
    KAFKA_BOOTSTRAP_SERVERS(new Kind.Text("host:port,…"), null, "brokers to begin with"),
    POSTGRES_URL(new Kind.Hidden("URL"), null, "postgresql://user:password@host:5432/database?sslmode=…, or a JDBC URL"),

    DOCKER_HOST(new Kind.Text("unix:// or tcp:// address"), "unix:///var/run/docker.sock", "the engine to work on"),
    DOCKER_CERT_PATH(new Kind.File(), "", "directory with ca.pem, cert.pem and key.pem for an engine over TLS"),
    DOCKER_TLS_VERIFY(new Kind.Switch(), "false", "speak TLS to the engine, and check its certificate"),

    SECRETS_DIR(new Kind.File(), "/run/secrets", "directory with a file for each name that registry_auth_ref and "
            + "secret_refs of commands refer to"),
    HOST_ID(new Kind.Text("name"), "", "this host's name in the fleet; unset: the engine's own name"),
    HOST_LABELS(new Kind.Pairs(), "", "published with this host, as in zone=eu,disk=ssd; nothing chooses by them yet"),
    HOST_HEARTBEAT_SECONDS(new Kind.Whole(1, 300), "5", "how often this worker says that it lives"),
    LOCK_DIR(new Kind.File(), "", "where the engine's lock lies: on the host, the same for all workers of one engine; "
            + "unset: /var/lib/dockworker as root, else ~/.local/state/dockworker"),

    TOPIC_PREFIX(new Kind.Text("text"), "dockworker.", "begins every topic, group and transactional id"),
    TOPICS_CREATE(new Kind.Switch(), "true", "make missing topics at start; false: only check them"),
    TOPIC_REPLICATION_FACTOR(new Kind.Whole(1, 1_000), "", "copies of a topic made at start; unset: the broker's default"),

    HEALTH_INTERVAL_SECONDS(new Kind.Whole(1, 86_400), "60", "time between two samples of a container"),
    HEALTH_RETENTION_DAYS(new Kind.Whole(1, 3_650), "7", "how long samples are kept"),
    HEALTH_CPU_WARNING_PERCENT(new Kind.Whole(1, 100), "80", "CPU use from which a container is in warning"),
    HEALTH_CPU_CRITICAL_PERCENT(new Kind.Whole(1, 100), "95", "CPU use from which it is critical"),
    HEALTH_MEMORY_WARNING_PERCENT(new Kind.Whole(1, 100), "80", "memory use from which a container is in warning"),
    HEALTH_MEMORY_CRITICAL_PERCENT(new Kind.Whole(1, 100), "95", "memory use from which it is critical"),
    HEALTH_DISK_WARNING_PERCENT(new Kind.Whole(1, 100), "85", "disk use of the host from which containers are in warning"),
    HEALTH_DISK_CRITICAL_PERCENT(new Kind.Whole(1, 100), "95", "disk use of the host from which the reason says critical"),
    CGROUP_DIR(new Kind.File(), "/sys/fs/cgroup", "the host's control groups; a worker in a container sees them where "
            + "they are mounted into it"),
    PROC_DIR(new Kind.File(), "/proc", "the host's processes; a worker in a container sees them where they are mounted "
            + "into it"),

    // Below the commands topic's seven days and a day, a command that comes again could run again.
    COMMAND_RETENTION_DAYS(new Kind.Whole(8, 3_650), "30", "how long a command's id is remembered and not run again"),
    EVENT_RETENTION_DAYS(new Kind.Whole(1, 3_650), "30", "how long events are kept"),

    HTTP_HOST(new Kind.Text("name or address"), "127.0.0.1", "address to listen on; beyond this machine set HTTP_TOKEN too"),
    HTTP_PORT(new Kind.Whole(0, 65_535), "8000", "port to listen on; 0: any free one"),
    HTTP_TOKEN(new Kind.Hidden("text"), "", "what clients send as Authorization: Bearer …"),

    LOG_LEVEL(new Kind.OneOf(List.of("error", "warn", "info", "debug", "trace")), "info", "log lines from this level on"),
    LOG_FORMAT(new Kind.OneOf(List.of("text", "json")), "text", "log lines as text, or as one JSON object each"),
    LOG_FILE(new Kind.File(), "", "a file to log to as well as to standard output"),

    METRICS_PER_CONTAINER(new Kind.Switch(), "false", "one series for each container as well");
    // @formatter:on

    /** What variables of the Kafka clients' own properties start with. */
    public static final String KAFKA_PREFIX = "KAFKA_";

    // Its kinds are records of numbers and unmodifiable lists, but only an annotation would tell the checker.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Kind kind;
    private final String standard;
    private final String meaning;

    Setting(Kind kind, String standard, String meaning) {
        this.kind = kind;
        this.standard = standard;
        this.meaning = meaning;
    }

    /** {@code HTTP_PORT} becomes {@code --http-port}. */
    public String flag() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The form of its value, in words. */
    public String form() {
        return kind.describe();
    }

    /** What holds where nothing is set; empty: nothing. */
    public String standard() {
        return standard == null ? "" : standard;
    }

    /** Without it a worker cannot run. */
    public boolean isRequired() {
        return standard == null;
    }

    /** One line for people. */
    public String meaning() {
        return meaning;
    }

    Kind kind() {
        return kind;
    }

    /** The one whose flag is like a flag that is none. */
    public static Optional<Setting> meantBy(String flag) {
        String name = flag.replaceFirst("^--", "").replaceFirst("-file$", "").toUpperCase(Locale.ROOT).replace('-',
                '_');
        return Spelling.nearest(name);
    }

    static Optional<Setting> named(String name) {
        for (Setting setting : values()) {
            if (setting.name().equals(name)) {
                return Optional.of(setting);
            }
        }
        return Optional.empty();
    }
}
