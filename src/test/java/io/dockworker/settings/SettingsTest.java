package io.dockworker.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.HostId;
import io.dockworker.postgres.PostgresAddress;
import io.dockworker.settings.InvalidSettings.Fault;
import io.dockworker.settings.Settings.Log;
import io.dockworker.settings.Settings.Origin;
import io.dockworker.settings.Settings.Thresholds;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    private static final Map<String, String> NEEDED = Map.of("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092", "POSTGRES_URL",
            "postgresql://u:pa55@db/dockworker");

    /** A setting, a value for it, and what it must come to: where nothing is set, and with that value. */
    private record Row(Setting setting, String value, Object standard, Object read, Function<Settings, Object> part) {}

    private static final List<Row> ROWS = List.of(
            new Row(Setting.KAFKA_BOOTSTRAP_SERVERS, "a:1, b:2", "kafka:9092", "a:1, b:2",
                    s -> s.kafka().bootstrapServers()),
            new Row(Setting.POSTGRES_URL, "jdbc:postgresql://x/y",
                    new PostgresUrl("postgresql://u:pa55@db/dockworker"), new PostgresUrl("jdbc:postgresql://x/y"),
                    Settings::postgres),
            new Row(Setting.DOCKER_HOST, "tcp://engine:2376", URI.create("unix:///var/run/docker.sock"),
                    URI.create("tcp://engine:2376"), s -> s.docker().host()),
            new Row(Setting.DOCKER_CERT_PATH, "/", Optional.empty(), Optional.of(Path.of("/")),
                    s -> s.docker().certificates()),
            new Row(Setting.DOCKER_TLS_VERIFY, "1", false, true, s -> s.docker().tlsVerify()),
            new Row(Setting.SECRETS_DIR, "/", Path.of("/run/secrets"), Path.of("/"), s -> s.docker().secretDirectory()),
            new Row(Setting.HOST_ID, "host-a", Optional.empty(), Optional.of(new HostId("host-a")), s -> s.host().id()),
            new Row(Setting.HOST_LABELS, "zone=eu, disk=ssd", Map.of(), Map.of("zone", "eu", "disk", "ssd"),
                    s -> s.host().labels()),
            new Row(Setting.HOST_HEARTBEAT_SECONDS, "9", Duration.ofSeconds(5), Duration.ofSeconds(9),
                    s -> s.host().heartbeat()),
            new Row(Setting.LOCK_DIR, "/locks", usualLockDirectory(), Path.of("/locks"), s -> s.host().lockDirectory()),
            new Row(Setting.TOPIC_PREFIX, "test-1.", "dockworker.", "test-1.", s -> s.topics().prefix()),
            new Row(Setting.TOPICS_CREATE, "false", true, false, s -> s.topics().create()),
            new Row(Setting.TOPIC_REPLICATION_FACTOR, "3", OptionalInt.empty(), OptionalInt.of(3),
                    s -> s.topics().replicationFactor()),
            new Row(Setting.HEALTH_INTERVAL_SECONDS, "10", Duration.ofSeconds(60), Duration.ofSeconds(10),
                    s -> s.health().interval()),
            new Row(Setting.HEALTH_RETENTION_DAYS, "3", 7, 3, s -> s.health().retentionDays()),
            new Row(Setting.HEALTH_CPU_WARNING_PERCENT, "60", 80, 60, s -> s.health().cpu().warningPercent()),
            new Row(Setting.HEALTH_CPU_CRITICAL_PERCENT, "99", 95, 99, s -> s.health().cpu().criticalPercent()),
            new Row(Setting.HEALTH_MEMORY_WARNING_PERCENT, "61", new Thresholds(80, 95), new Thresholds(61, 95),
                    s -> s.health().memory()),
            new Row(Setting.HEALTH_MEMORY_CRITICAL_PERCENT, "98", new Thresholds(80, 95), new Thresholds(80, 98),
                    s -> s.health().memory()),
            new Row(Setting.HEALTH_DISK_WARNING_PERCENT, "62", new Thresholds(85, 95), new Thresholds(62, 95),
                    s -> s.health().disk()),
            new Row(Setting.HEALTH_DISK_CRITICAL_PERCENT, "97", new Thresholds(85, 95), new Thresholds(85, 97),
                    s -> s.health().disk()),
            new Row(Setting.CGROUP_DIR, "/host/cgroup", Path.of("/sys/fs/cgroup"), Path.of("/host/cgroup"),
                    s -> s.health().cgroupDirectory()),
            new Row(Setting.PROC_DIR, "/host/proc", Path.of("/proc"), Path.of("/host/proc"),
                    s -> s.health().procDirectory()),
            new Row(Setting.COMMAND_RETENTION_DAYS, "8", 30, 8, Settings::commandRetentionDays),
            new Row(Setting.EVENT_RETENTION_DAYS, "1", 30, 1, Settings::eventRetentionDays),
            new Row(Setting.HTTP_HOST, "0.0.0.0", "127.0.0.1", "0.0.0.0", s -> s.http().host()),
            new Row(Setting.HTTP_PORT, "0", 8000, 0, s -> s.http().port()),
            new Row(Setting.HTTP_TOKEN, "t0ps3cret", Optional.empty(), Optional.of(new Secret("t0ps3cret")),
                    s -> s.http().token()),
            new Row(Setting.LOG_LEVEL, "WARN", Log.Level.INFO, Log.Level.WARN, s -> s.log().level()),
            new Row(Setting.LOG_FORMAT, "json", Log.Format.TEXT, Log.Format.JSON, s -> s.log().format()),
            new Row(Setting.LOG_FILE, "/var/log/dw.log", Optional.empty(), Optional.of(Path.of("/var/log/dw.log")),
                    s -> s.log().file()),
            new Row(Setting.METRICS_PER_CONTAINER, "true", false, true, Settings::metricsPerContainer));

    @TempDir
    private Path directory;

    @Test
    void everySettingHasItsDefaultAndCanBeSetByVariableFlagAndFile() throws Exception {
        var untested = EnumSet.allOf(Setting.class);
        Settings standard = Settings.read(NEEDED, List.of());
        for (Row row : ROWS) {
            String name = row.setting().name();
            untested.remove(row.setting());
            assertEquals(row.standard(), row.part().apply(standard), name + " unset");
            assertEquals(row.read(), row.part().apply(readWith(name, row.value())), name + " as a variable");
            Path file = Files.writeString(directory.resolve(name), row.value() + "\n");
            assertEquals(row.read(), row.part().apply(readWith(name + "_FILE", file.toString())), name + " in a file");
            String flag = "--" + name.toLowerCase(Locale.ROOT).replace('_', '-');
            for (List<String> flags : List.of(List.of(flag + "=" + row.value()), List.of(flag, row.value()))) {
                assertEquals(row.read(), row.part().apply(Settings.read(NEEDED, flags)), flags.toString());
            }
        }
        assertTrue(untested.isEmpty(), "settings without a row here: " + untested);
    }

    @Test
    void everyFaultIsToldAtOnce() {
        var environment = Map.of("POSTGRES_URL", "mysql://u:pa55@db", "HTTP_PORT", "80000", "LOG_LEVEL", "loud",
                "HEALTH_CPU_WARNING_PERCENT", "95", "COMMAND_RETENTION_DAYS", "7", "KAFKA_GROUP_ID", "mine",
                "HTTP_TOKEN_FILE", "/absent/token", "HOST_LABELS", "zone", "HOST_ID", "-");
        List<Fault> faults = faults(environment, "--http-prot=1", "--topics-create=perhaps", "stray");

        assertEquals(List.of("--http-prot", "--topics-create", "COMMAND_RETENTION_DAYS", "HEALTH_CPU_WARNING_PERCENT",
                "HOST_ID", "HOST_LABELS", "HTTP_PORT", "HTTP_TOKEN_FILE", "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_GROUP_ID",
                "LOG_LEVEL", "POSTGRES_URL", "stray"), faults.stream().map(Fault::name).sorted().toList());
        assertTrue(message(faults, "--http-prot").contains("did you mean --http-port?"));
        assertTrue(message(faults, "HTTP_PORT").contains("0 to 65535"));
        assertTrue(message(faults, "HTTP_TOKEN_FILE").contains("/absent/token"));
        assertFalse(faults.toString().contains("pa55"), "a fault shows a password");
    }

    @Test
    void aFlagWinsOverTheEnvironmentAndAnEmptyOneRestoresTheDefault() throws Exception {
        var environment = with("HTTP_PORT", "9000");
        assertEquals(9001, Settings.read(environment, List.of("--http-port=9001")).http().port());
        assertEquals(8000, Settings.read(environment, List.of("--http-port=")).http().port());
        assertEquals(8000, Settings.read(with("HTTP_PORT", ""), List.of()).http().port());
        assertEquals(List.of("--http-port"), names(faults(NEEDED, "--http-port=1", "--http-port=2")));
    }

    @Test
    void aSwitchNeedsNoValueAndLeavesTheNextFlagAlone() throws Exception {
        Settings settings = Settings.read(NEEDED, List.of("--metrics-per-container", "--topics-create", "no"));
        assertTrue(settings.metricsPerContainer());
        assertFalse(settings.topics().create());
        assertEquals(List.of("--http-port"), names(faults(NEEDED, "--http-port", "--metrics-per-container")));
    }

    @Test
    void aSettingInAFileAndBesideItIsAFault() throws Exception {
        Path file = Files.writeString(directory.resolve("token"), "from-file\r\n");
        var environment = with("HTTP_TOKEN_FILE", file.toString());
        assertEquals("from-file", Settings.read(environment, List.of()).http().token().orElseThrow().value());
        environment.put("HTTP_TOKEN", "beside");
        assertEquals(List.of("HTTP_TOKEN_FILE"), names(faults(environment)));
    }

    @Test
    void kafkaVariablesBecomeClientPropertiesExceptWhatTheProtocolOwns() throws Exception {
        Path jaas = Files.writeString(directory.resolve("jaas"), "login required;\n");
        var environment = with("KAFKA_SECURITY_PROTOCOL", "SASL_SSL");
        environment.put("KAFKA_SASL_JAAS_CONFIG_FILE", jaas.toString());
        environment.put("KAFKA_SASL_OAUTHBEARER_ASSERTION_FILE", "/run/assertion");
        Settings settings = Settings.read(environment, List.of("--kafka-linger-ms=5"));
        assertEquals(Map.of("security.protocol", "SASL_SSL", "sasl.jaas.config", "login required;",
                "sasl.oauthbearer.assertion.file", "/run/assertion", "linger.ms", "5"), settings.kafka().properties());

        for (String owned : List.of("group.id", "transactional.id", "enable.auto.commit", "isolation.level",
                "auto.offset.reset", "acks", "enable.idempotence", "group.protocol", "key.serializer",
                "value.deserializer")) {
            String variable = "KAFKA_" + owned.toUpperCase(Locale.ROOT).replace('.', '_');
            assertEquals(List.of(variable), names(faults(with(variable, "x"))));
        }
        assertTrue(message(faults(NEEDED, "--kafka-bootstrap-server=k:1"), "--kafka-bootstrap-server")
                .contains("--kafka-bootstrap-servers"));
    }

    @Test
    void nothingPrintedShowsASecret() throws Exception {
        var environment = with("HTTP_TOKEN", "pa55-token");
        environment.put("KAFKA_SSL_KEYSTORE_PASSWORD", "pa55-keystore");
        environment.put("KAFKA_SASL_JAAS_CONFIG", "pa55-jaas");
        for (String url : List.of("postgresql://u:pa55@db/x", "postgresql://u:p@pa55/%@db:5432/x?sslmode=require",
                "jdbc:postgresql://db/x?user=u&password=pa55&ssl=true", "postgres://u:pa55?@db/x",
                "postgresql://db/x?sslpassword=pa55")) {
            environment.put("POSTGRES_URL", url);
            Settings settings = Settings.read(environment, List.of());
            assertFalse(settings.toString().contains("pa55"), settings.toString());
            assertTrue(settings.postgres().redacted().contains("db"), settings.postgres().redacted());
        }
        Settings shown = Settings.read(environment, List.of("--http-port=1"));
        assertTrue(shown.shown().contains(new Settings.Shown("HTTP_PORT", "1", Origin.FLAG)));
        assertTrue(shown.shown().contains(new Settings.Shown("HTTP_TOKEN", "******", Origin.ENVIRONMENT)));
        assertTrue(shown.shown().contains(new Settings.Shown("LOG_LEVEL", "info", Origin.DEFAULT)));
    }

    @Test
    void oneWhoBringsServicesGivesDefaultsAndLaterTheTruePlaces() throws Exception {
        var own = Map.of(Setting.KAFKA_BOOTSTRAP_SERVERS, "127.0.0.1:9092", Setting.POSTGRES_URL,
                "postgresql://dockworker@127.0.0.1:5432/dockworker");
        Settings settings = Settings.read(Map.of(), List.of(), own, PostgresAddress::parse);
        assertEquals("127.0.0.1:9092", settings.kafka().bootstrapServers());

        Settings moved = settings.withServices("127.0.0.1:9093", "postgresql://d:pa55@127.0.0.1:5433/d");
        assertEquals("127.0.0.1:9093", moved.kafka().bootstrapServers());
        assertEquals("postgresql://d:pa55@127.0.0.1:5433/d", moved.postgres().value());
        assertFalse(moved.toString().contains("pa55"), moved.toString());
    }

    @Test
    void aVariableThatAlmostBearsOurNameIsWarnedOf() throws Exception {
        Settings settings = readWith("HEALTH_INTERVAL_SECOND", "5");
        assertEquals(
                List.of("HEALTH_INTERVAL_SECOND is no setting of ours; did you mean HEALTH_INTERVAL_SECONDS?"),
                settings.warnings());
        assertEquals(List.of(), readWith("HTTP_PROXY", "x").warnings());
    }

    private static Path usualLockDirectory() {
        return System.getProperty("user.name").equals("root")
                ? Path.of("/var/lib/dockworker")
                : Path.of(System.getProperty("user.home"), ".local/state/dockworker");
    }

    private static Settings readWith(String name, String value) throws InvalidSettings {
        Map<String, String> environment = with(name, value);
        if (name.endsWith("_FILE") && !name.equals("LOG_FILE")) {
            environment.remove(name.substring(0, name.length() - "_FILE".length()));
        }
        return Settings.read(environment, List.of());
    }

    private static Map<String, String> with(String name, String value) {
        var environment = new HashMap<>(NEEDED);
        environment.put(name, value);
        return environment;
    }

    private static List<Fault> faults(Map<String, String> environment, String... flags) {
        return assertThrows(InvalidSettings.class, () -> Settings.read(environment, Arrays.asList(flags))).faults();
    }

    private static List<String> names(List<Fault> faults) {
        return faults.stream().map(Fault::name).toList();
    }

    private static String message(List<Fault> faults, String name) {
        return faults.stream().filter(fault -> fault.name().equals(name)).findFirst().orElseThrow().message();
    }
}
