package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.CpuLimit;
import io.dockworker.command.Healthcheck;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.Labels;
import io.dockworker.command.Logging;
import io.dockworker.command.MemorySize;
import io.dockworker.command.ProcessSpec;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.Resources;
import io.dockworker.command.RestartPolicy;
import io.dockworker.command.Signals;
import io.dockworker.command.SpecChange;
import io.dockworker.command.SpecField;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads the fields that describe a container. */
final class SpecReader {
    private static final Duration MAX_HEALTH = Duration.ofHours(24);
    private static final Pattern PLATFORM = Pattern.compile("[a-z0-9_]+(?:/[a-z0-9_]+){0,2}");
    /** The name of a file, so it must not lead out of its directory. */
    private static final Pattern REFERENCE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
    /** Stands for the image where a change names none; {@link SpecChange} never looks at it. */
    private static final ImageName UNCHANGED = new ImageName("unchanged");

    /** One of Docker's own, or a plugin by its image's name or another that the host gave it. */
    private static final Pattern LOG_DRIVER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}");

    /** Of the drivers whose options Docker itself checks and nobody else adds to. */
    private static final Map<String, Set<String>> LOG_OPTIONS = Map.of("json-file",
            Set.of("max-size", "max-file", "compress", "labels", "labels-regex", "env", "env-regex", "tag", "mode",
                    "max-buffer-size"),
            "local", Set.of("max-size", "max-file", "compress", "mode", "max-buffer-size"));

    private SpecReader() {}

    static ContainerSpec read(Fields fields) {
        return read(fields, CommandReader.image(fields, "a create needs an `image`"));
    }

    /** Some fields, for another specification. */
    static SpecChange change(Fields fields) {
        ImageName image = fields.text("image", ImageName::new).orElse(UNCHANGED);
        Set<SpecField> given = EnumSet.noneOf(SpecField.class);
        fields.names().forEach(name -> SpecField.named(name).ifPresent(given::add));
        return new SpecChange(read(fields, image), given);
    }

    private static ContainerSpec read(Fields fields, ImageName image) {
        Map<String, String> env = fields.dictionary("env", SpecReader::checkVariable);
        Map<String, String> secrets = fields.dictionary("secret_refs", SpecReader::checkVariable);
        secrets.forEach((variable, name) -> {
            if (env.containsKey(variable)) {
                throw new InvalidField("/secret_refs" + Text.step(variable),
                        "the variable stands in `env` too: leave out one of the two");
            }
            Fields.valid("/secret_refs" + Text.step(variable), () -> reference(name));
        });
        var process = new ProcessSpec(env, fields.texts("entrypoint"), fields.texts("command"),
                fields.word("user", CommandReader.MAX_WORD), fields.text("working_dir", SpecReader::directory),
                fields.find("init").isEmpty() ? Optional.empty() : Optional.of(fields.flag("init", false)),
                fields.amount("stop_signal", number -> Signals.parse(number.toPlainString()), Signals::parse),
                CommandReader.grace(fields));
        return new ContainerSpec(image, pull(fields, PullPolicy.MISSING), fields.text("name", ContainerName::new),
                fields.dictionary("labels", SpecReader::checkLabel), process, NetworkReader.read(fields),
                StorageReader.read(fields),
                resources(fields), IsolationReader.read(fields), restartPolicy(fields), healthcheck(fields),
                logging(fields), secrets);
    }

    private static void checkVariable(String name) {
        if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw new InvalidValue("the name of a variable is not empty and has no `=` in it");
        }
    }

    private static String reference(String name) {
        if (!REFERENCE.matcher(name).matches()) {
            throw new InvalidValue("a reference is a name of letters, digits, _ . or -, at most 128");
        }
        return name;
    }

    private static String directory(String text) {
        if (!text.startsWith("/") || text.length() > 4_096 || Text.hasControls(text)) {
            throw new InvalidValue("write an absolute path in the container, as in \"/srv\"");
        }
        return text;
    }

    private static void checkLabel(String name) {
        if (name.isEmpty()) {
            throw new InvalidValue("the name of a label is not empty");
        }
        if (Labels.isReserved(name)) {
            throw new InvalidValue("Dockworker itself sets `" + Labels.MANAGED_BY + "` and `" + Labels.PREFIX
                    + "*`: choose another name");
        }
    }

    /** @param standard the policy where none is given */
    static ImagePull pull(Fields fields, PullPolicy standard) {
        Optional<String> platform = fields.text("platform", text -> {
            if (!PLATFORM.matcher(text).matches()) {
                throw new InvalidValue("write a platform as \"linux/amd64\" or \"linux/arm/v7\"");
            }
            return text;
        });
        return new ImagePull(
                fields.text("pull_policy", text -> Words.parse(text, PullPolicy.values())).orElse(standard), platform,
                fields.text("registry_auth_ref", SpecReader::reference));
    }

    static Resources resources(Fields fields) {
        Optional<Fields> object = fields.within("resources", "{\"cpu_limit\": \"500m\", \"memory_limit\": \"64m\"}");
        if (object.isEmpty()) {
            return Resources.UNLIMITED;
        }
        Fields inner = object.get();
        FieldNames.check(FieldNames.RESOURCES, inner);
        Optional<CpuLimit> cpu = inner.amount("cpu_limit", CpuLimit::ofCores, CpuLimit::parse);
        Optional<MemorySize> memory = memory(inner, "memory_limit", MemorySize::asLimit);
        Optional<MemorySize> reservation = memory(inner, "memory_reservation", MemorySize::asLimit);
        OptionalLong pids = inner.integer("pids_limit", -1, Integer.MAX_VALUE);
        Optional<MemorySize> shm = memory(inner, "shm_size", Function.identity());
        if (pids.isPresent() && pids.getAsLong() == 0) {
            throw new InvalidField(inner.at("pids_limit"), "write 1 or more, or -1 for no limit");
        }
        // All else was judged above: only the reservation's relation to the limit is left.
        return Fields.valid(inner.at("memory_reservation"), () -> new Resources(cpu, memory, reservation, pids, shm));
    }

    private static Optional<MemorySize> memory(Fields fields, String name, Function<MemorySize, MemorySize> check) {
        Function<BigDecimal, MemorySize> number = MemorySize::ofBytes;
        Function<String, MemorySize> text = MemorySize::parse;
        return fields.amount(name, number.andThen(check), text.andThen(check));
    }

    private static Optional<RestartPolicy> restartPolicy(Fields fields) {
        return fields.within("restart_policy", "{\"name\": \"on-failure\", \"maximum_retry_count\": 3}")
                .flatMap(inner -> {
                    FieldNames.check(FieldNames.RESTART_POLICY, inner);
                    RestartPolicy.Name name = inner.text("name", text -> Words.parse(text, RestartPolicy.Name.values()))
                            .orElseThrow(() -> new InvalidField(inner.at("name"), "give the policy's `name`"));
                    int count = (int) inner.integer("maximum_retry_count", 0, 1_000_000).orElse(0);
                    RestartPolicy policy = Fields.valid(inner.at("maximum_retry_count"),
                            () -> new RestartPolicy(name, count));
                    // Docker's default, spelled out.
                    return name == RestartPolicy.Name.NO ? Optional.empty() : Optional.of(policy);
                });
    }

    private static Optional<Healthcheck> healthcheck(Fields fields) {
        return fields.within("healthcheck", "{\"test\": [\"CMD\", \"true\"], \"interval\": \"10s\"}").flatMap(inner -> {
            FieldNames.check(FieldNames.HEALTHCHECK, inner);
            // A line alone is for the shell, as in Compose.
            List<String> test = inner.find("test").filter(JsonNode::isTextual)
                    .map(line -> List.of("CMD-SHELL", line.textValue())).orElseGet(() -> inner.texts("test"));
            OptionalLong retries = inner.integer("retries", 1, 1_000_000);
            Healthcheck check = Fields.valid(inner.at("test"),
                    () -> new Healthcheck(test, time(inner, "interval"), time(inner, "timeout"),
                            retries.isPresent() ? OptionalInt.of((int) retries.getAsLong()) : OptionalInt.empty(),
                            time(inner, "start_period")));
            return check.equals(Healthcheck.OF_IMAGE) ? Optional.empty() : Optional.of(check);
        });
    }

    private static Optional<Duration> time(Fields fields, String name) {
        return fields.text(name, text -> Durations.parse(text, Duration.ofMillis(1), MAX_HEALTH));
    }

    private static Optional<Logging> logging(Fields fields) {
        Optional<String> driver = fields.text("log_driver", text -> {
            if (!LOG_DRIVER.matcher(text).matches()) {
                throw new InvalidValue(
                        "write one of Docker's log drivers, as in \"json-file\", or the name of a plugin, "
                                + "as in \"grafana/loki-docker-driver:latest\"");
            }
            return text;
        });
        Map<String, String> options = fields.dictionary("log_opts", name -> checkLogOption(driver, name));
        return driver.isEmpty() && options.isEmpty() ? Optional.empty() : Optional.of(new Logging(driver, options));
    }

    /** The engine finds out only when it starts the container, or never. */
    private static void checkLogOption(Optional<String> driver, String name) {
        Set<String> known = driver.map(word -> LOG_OPTIONS.getOrDefault(word, Set.of())).orElse(Set.of());
        if (driver.filter("none"::equals).isPresent()) {
            throw new InvalidValue("the log driver none keeps no log and takes no options: leave one of the two out");
        }
        if (!known.isEmpty() && !known.contains(name)) {
            throw new InvalidValue("the log driver " + driver.orElseThrow() + " takes "
                    + String.join(", ", new TreeSet<>(known)));
        }
    }
}
