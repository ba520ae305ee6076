package io.dockworker.settings;

import static io.dockworker.settings.Setting.*;

import io.dockworker.command.HostId;
import io.dockworker.command.InvalidValue;
import io.dockworker.settings.InvalidSettings.Fault;
import io.dockworker.settings.Settings.Origin;
import io.dockworker.settings.Settings.Shown;
import io.dockworker.settings.Settings.Thresholds;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Understands each value. A method that meets a fault notes it and gives a stand-in, so that the next fault is found
 * too; stand-ins go nowhere, since no settings come of a reading with faults.
 */
final class SettingsReader {
    private static final Pattern BROKERS = Pattern
            .compile("(?:[^\\s,/]+:[0-9]{1,5})(?:\\s*,\\s*[^\\s,/]+:[0-9]{1,5})*");
    /** Kafka allows 249 characters in a topic's name; the longest of ours needs 40. */
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,200}");
    private static final Pattern TOKEN = Pattern.compile("[!-~]{1,1024}");
    private static final Pattern LISTEN_ADDRESS = Pattern.compile("[A-Za-z0-9._:%\\[\\]-]{1,253}");
    private static final Pattern LABEL = Pattern.compile("([A-Za-z0-9][A-Za-z0-9_./-]{0,62})=([^=,]{0,128})");
    private static final int SHOWN_LENGTH = 60;

    private final List<Fault> faults = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Sources sources;
    private final Consumer<String> postgresUrl;

    private SettingsReader(Map<Setting, String> defaults, Consumer<String> postgresUrl) {
        this.postgresUrl = postgresUrl;
        sources = new Sources(defaults, faults, warnings);
    }

    static Settings read(Map<String, String> environment, List<String> flags, Map<Setting, String> defaults,
            Consumer<String> postgresUrl) throws InvalidSettings {
        var reader = new SettingsReader(defaults, postgresUrl);
        reader.sources.addEnvironment(environment);
        reader.sources.addFlags(flags);
        Settings settings = reader.understand();
        if (!reader.faults.isEmpty()) {
            throw new InvalidSettings(reader.faults);
        }
        return settings;
    }

    private Settings understand() {
        var kafka = new Settings.Kafka(brokers(), kafkaProperties());
        var postgres = postgres();
        var docker = new Settings.Docker(engine(), directory(DOCKER_CERT_PATH), truth(DOCKER_TLS_VERIFY),
                path(SECRETS_DIR).orElseGet(() -> Path.of("/")));
        var host = new Settings.Host(hostId(), labels(), Duration.ofSeconds(whole(HOST_HEARTBEAT_SECONDS)),
                path(LOCK_DIR).orElseGet(SettingsReader::usualLockDirectory));
        var topics = new Settings.Topics(
                matching(TOPIC_PREFIX, PREFIX, "has letters, digits, ., _ and -, at most 200").orElse(""),
                truth(TOPICS_CREATE),
                value(TOPIC_REPLICATION_FACTOR).isEmpty()
                        ? OptionalInt.empty()
                        : OptionalInt.of(whole(TOPIC_REPLICATION_FACTOR)));
        var health = new Settings.Health(Duration.ofSeconds(whole(HEALTH_INTERVAL_SECONDS)),
                whole(HEALTH_RETENTION_DAYS), thresholds(HEALTH_CPU_WARNING_PERCENT, HEALTH_CPU_CRITICAL_PERCENT),
                thresholds(HEALTH_MEMORY_WARNING_PERCENT, HEALTH_MEMORY_CRITICAL_PERCENT),
                thresholds(HEALTH_DISK_WARNING_PERCENT, HEALTH_DISK_CRITICAL_PERCENT),
                path(CGROUP_DIR).orElseGet(() -> Path.of("/")), path(PROC_DIR).orElseGet(() -> Path.of("/")));
        var http = new Settings.Http(
                matching(HTTP_HOST, LISTEN_ADDRESS, "is a host name or an IP address, without a port").orElse(""),
                whole(HTTP_PORT), token());
        var log = new Settings.Log(word(LOG_LEVEL, Settings.Log.Level.class),
                word(LOG_FORMAT, Settings.Log.Format.class), logFile());
        return new Settings(kafka, postgres, docker, host, topics, health, whole(COMMAND_RETENTION_DAYS),
                whole(EVENT_RETENTION_DAYS), http, log, truth(METRICS_PER_CONTAINER), shown(), warnings);
    }

    private String brokers() {
        return matching(KAFKA_BOOTSTRAP_SERVERS, BROKERS, "is host:port, or several with commas between")
                .orElseGet(() -> missing(KAFKA_BOOTSTRAP_SERVERS));
    }

    private Map<String, String> kafkaProperties() {
        var properties = new LinkedHashMap<String, String>();
        sources.kafkaVariables().forEach((variable, raw) -> {
            String property = KafkaProperties.named(variable);
            if (KafkaProperties.isOwned(property)) {
                faults.add(new Fault(variable,
                        property + " is part of how Dockworker keeps its promises and cannot be set; unset it"));
            }
            properties.put(property, raw.value());
        });
        return properties;
    }

    private PostgresUrl postgres() {
        String url = value(POSTGRES_URL).orElseGet(() -> missing(POSTGRES_URL));
        if (url.isEmpty()) {
            return new PostgresUrl(url);
        }
        if (!PostgresUrl.looksRight(url)) {
            fault(POSTGRES_URL, "begins with postgresql:// or jdbc:postgresql://");
            return new PostgresUrl(url);
        }
        try {
            postgresUrl.accept(url);
        } catch (InvalidValue e) {
            fault(POSTGRES_URL, e.getMessage());
        }
        return new PostgresUrl(url);
    }

    private URI engine() {
        String address = value(DOCKER_HOST).orElse("");
        try {
            var engine = URI.create(address);
            boolean socket = "unix".equals(engine.getScheme()) && engine.getPath() != null
                    && engine.getPath().length() > 1;
            boolean network = "tcp".equals(engine.getScheme()) && engine.getHost() != null;
            if (socket || network) {
                return engine;
            }
        } catch (IllegalArgumentException _) {
            // Said below, in words that help more than the parser's.
        }
        fault(DOCKER_HOST, "is unix:///path/to/docker.sock or tcp://host:port, not " + quoted(address));
        return URI.create("unix:///");
    }

    private Optional<HostId> hostId() {
        try {
            return value(HOST_ID).map(HostId::new);
        } catch (InvalidValue e) {
            fault(HOST_ID, e.getMessage());
            return Optional.empty();
        }
    }

    private Map<String, String> labels() {
        var labels = new LinkedHashMap<String, String>();
        for (String pair : value(HOST_LABELS).map(text -> text.split(",", -1)).orElseGet(() -> new String[0])) {
            var parts = LABEL.matcher(pair.strip());
            if (!parts.matches()) {
                fault(HOST_LABELS, "is name=value, or several with commas between; this is neither: " + quoted(pair));
            } else if (labels.put(parts.group(1), parts.group(2)) != null) {
                fault(HOST_LABELS, "gives " + parts.group(1) + " twice");
            }
        }
        return labels;
    }

    private Thresholds thresholds(Setting warning, Setting critical) {
        int faultsBefore = faults.size();
        var thresholds = new Thresholds(whole(warning), whole(critical));
        if (faults.size() == faultsBefore && thresholds.warningPercent() >= thresholds.criticalPercent()) {
            fault(warning, "is " + thresholds.warningPercent() + ", but must be below " + critical + ", which is "
                    + thresholds.criticalPercent());
        }
        return thresholds;
    }

    private Optional<Secret> token() {
        Optional<String> token = value(HTTP_TOKEN);
        if (token.isPresent() && !TOKEN.matcher(token.get()).matches()) {
            fault(HTTP_TOKEN, "has visible ASCII characters only, without spaces, at most 1024");
        }
        return token.map(Secret::new);
    }

    private Optional<Path> logFile() {
        Optional<Path> file = path(LOG_FILE);
        if (file.isPresent() && Files.isDirectory(file.get())) {
            fault(LOG_FILE, file.get() + " is a directory; name a file in it");
        }
        return file;
    }

    private Optional<Path> directory(Setting setting) {
        Optional<Path> directory = path(setting);
        if (directory.isPresent() && !Files.isDirectory(directory.get())) {
            fault(setting, "there is no directory " + directory.get());
        }
        return directory;
    }

    /** All workers of one engine must meet here, so it depends on nothing but the user. */
    private static Path usualLockDirectory() {
        return "root".equals(System.getProperty("user.name"))
                ? Path.of("/var/lib/dockworker")
                : Path.of(System.getProperty("user.home"), ".local", "state", "dockworker");
    }

    private Optional<Path> path(Setting setting) {
        try {
            return value(setting).map(Path::of).map(Path::toAbsolutePath);
        } catch (InvalidPathException e) {
            fault(setting, "is no path: " + e.getReason());
            return Optional.empty();
        }
    }

    private int whole(Setting setting) {
        var bounds = (Kind.Whole) setting.kind();
        String text = value(setting).orElse("");
        try {
            int number = Integer.parseInt(text);
            if (number >= bounds.least() && number <= bounds.most()) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Said below, together with the bounds.
        }
        fault(setting, "is a whole " + bounds.describe() + ", not " + quoted(text));
        return bounds.least();
    }

    private boolean truth(Setting setting) {
        String text = value(setting).orElse("");
        return truth(text).orElseGet(() -> {
            fault(setting, "is true or false, not " + quoted(text));
            return false;
        });
    }

    static Optional<Boolean> truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on", "1" -> Optional.of(true);
            case "false", "no", "off", "0" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private <E extends Enum<E>> E word(Setting setting, Class<E> type) {
        String text = value(setting).orElse("");
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text)) {
                return constant;
            }
        }
        fault(setting, "is one of " + setting.form() + ", not " + quoted(text));
        return type.getEnumConstants()[0];
    }

    private Optional<String> matching(Setting setting, Pattern pattern, String rule) {
        Optional<String> text = value(setting);
        if (text.isPresent() && !pattern.matcher(text.get()).matches()) {
            fault(setting, rule + "; this is not: " + quoted(text.get()));
        }
        return text;
    }

    /** A secret is taken as it is; around anything else white space means nothing. */
    private Optional<String> value(Setting setting) {
        Optional<String> text = sources.get(setting.name()).map(Sources.Raw::value);
        return setting.kind() instanceof Kind.Hidden
                ? text
                : text.map(String::strip).filter(stripped -> !stripped.isEmpty());
    }

    private String missing(Setting setting) {
        fault(setting, "is needed: " + setting.meaning());
        return "";
    }

    private void fault(Setting setting, String message) {
        String name = sources.get(setting.name()).map(Sources.Raw::origin).orElse(Origin.DEFAULT) == Origin.FLAG
                ? setting.flag()
                : setting.name();
        faults.add(new Fault(name, message));
    }

    private static String quoted(String text) {
        return '"' + (text.length() <= SHOWN_LENGTH ? text : text.substring(0, SHOWN_LENGTH) + "…") + '"';
    }

    private List<Shown> shown() {
        var shown = new ArrayList<Shown>();
        for (Setting setting : Setting.values()) {
            var raw = sources.get(setting.name()).orElseGet(() -> new Sources.Raw("", Origin.DEFAULT));
            String value = setting == POSTGRES_URL
                    ? new PostgresUrl(raw.value()).redacted()
                    : setting.kind() instanceof Kind.Hidden && !raw.value().isEmpty() ? Secret.MASK : raw.value();
            shown.add(new Shown(setting.name(), value, raw.origin()));
        }
        sources.kafkaVariables().forEach((variable, raw) -> shown.add(new Shown(variable,
                KafkaProperties.isSecret(KafkaProperties.named(variable)) ? Secret.MASK : raw.value(), raw.origin())));
        return shown;
    }
}
