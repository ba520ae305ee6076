package io.dockworker.settings;

import io.dockworker.settings.InvalidSettings.Fault;
import io.dockworker.settings.Settings.Origin;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Brings the places where a setting may stand together: a flag wins over the environment, both over a default. */
final class Sources {
    private static final String FILE_SUFFIX = "_FILE";

    /** A value before it is understood. An empty one counts as not set, as Compose passes unset variables. */
    record Raw(String value, Origin origin) {}

    private final List<Fault> faults;
    private final List<String> warnings;
    private final Map<String, Raw> defaults = new TreeMap<>();
    private final Map<String, Raw> values = new TreeMap<>();

    Sources(Map<Setting, String> defaults, List<Fault> faults, List<String> warnings) {
        this.faults = faults;
        this.warnings = warnings;
        for (Setting setting : Setting.values()) {
            String standard = defaults.getOrDefault(setting, setting.standard());
            if (!standard.isEmpty()) {
                this.defaults.put(setting.name(), new Raw(standard, Origin.DEFAULT));
            }
        }
    }

    Optional<Raw> get(String name) {
        return Optional.ofNullable(values.getOrDefault(name, defaults.get(name)));
    }

    /** What the Kafka clients should be told beyond the brokers: variable to value. */
    Map<String, Raw> kafkaVariables() {
        var found = new TreeMap<String, Raw>();
        values.forEach((name, raw) -> {
            if (name.startsWith(Setting.KAFKA_PREFIX) && Setting.named(name).isEmpty()) {
                found.put(name, raw);
            }
        });
        return found;
    }

    void addEnvironment(Map<String, String> environment) {
        addAll(environment, Origin.ENVIRONMENT);
        // Other programs' variables are none of our business, but one that almost bears our name is likely a slip.
        for (String name : new TreeSet<>(environment.keySet())) {
            if (!isKnown(name)) {
                Spelling.nearest(name).ifPresent(
                        meant -> warnings.add(name + " is no setting of ours; did you mean " + meant + "?"));
            }
        }
    }

    /** @param flags {@code --name=value}, {@code --name value}, or the name alone for a switch */
    void addFlags(List<String> flags) {
        var named = new TreeMap<String, String>();
        Iterator<String> words = flags.iterator();
        String pending = words.hasNext() ? words.next() : null;
        while (pending != null) {
            String word = pending;
            pending = words.hasNext() ? words.next() : null;
            if (!word.startsWith("--")) {
                faults.add(new Fault(word, "is no flag; write --name=value"));
                continue;
            }
            int equals = word.indexOf('=');
            String flag = equals < 0 ? word : word.substring(0, equals);
            String name = flag.substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
            String value = equals < 0 ? null : word.substring(equals + 1);
            if (value == null && pending != null && takesNext(name, pending)) {
                value = pending;
                pending = words.hasNext() ? words.next() : null;
            }
            if (value == null && isSwitch(name)) {
                value = "true";
            }
            if (!isKnown(name)) {
                faults.add(new Fault(flag, "is no flag of ours" + Setting.meantBy(flag)
                        .map(meant -> "; did you mean " + meant.flag() + "?").orElse("")));
            } else if (value == null) {
                faults.add(new Fault(flag, "needs a value"));
            } else if (named.put(name, value) != null) {
                faults.add(new Fault(flag, "is given twice"));
            }
        }
        addAll(named, Origin.FLAG);
    }

    private static boolean takesNext(String name, String next) {
        return isSwitch(name) ? SettingsReader.truth(next).isPresent() : !next.startsWith("--");
    }

    private static boolean isSwitch(String name) {
        return Setting.named(name).filter(setting -> setting.kind() instanceof Kind.Switch).isPresent();
    }

    private static boolean isKnown(String name) {
        if (Setting.named(withoutSuffix(name)).isPresent() || Setting.named(name).isPresent()) {
            return true;
        }
        return name.startsWith(Setting.KAFKA_PREFIX) && Spelling.nearest(withoutSuffix(name)).isEmpty();
    }

    private void addAll(Map<String, String> named, Origin origin) {
        named.forEach((name, value) -> {
            if (meansFile(name)) {
                if (!value.isEmpty()) {
                    addFile(name, named, value);
                }
            } else if (!value.isEmpty()) {
                if (isKnown(name)) {
                    values.put(name, new Raw(value, origin));
                }
            } else if (origin == Origin.FLAG) {
                values.remove(name);
            }
        });
    }

    private static boolean meansFile(String name) {
        // LOG_FILE is a setting itself, and some properties of Kafka's end so.
        if (!name.endsWith(FILE_SUFFIX) || Setting.named(name).isPresent() || !isKnown(name)) {
            return false;
        }
        return !name.startsWith(Setting.KAFKA_PREFIX) || !KafkaProperties.isAboutFile(KafkaProperties.named(name));
    }

    private void addFile(String variable, Map<String, String> named, String path) {
        String name = withoutSuffix(variable);
        if (!named.getOrDefault(name, "").isEmpty()) {
            faults.add(new Fault(variable, "is set beside " + name + "; set one of them"));
            return;
        }
        try {
            values.put(name, new Raw(withoutLineEnd(Files.readString(Path.of(path))), Origin.FILE));
        } catch (NoSuchFileException _) {
            faults.add(new Fault(variable, "there is no file " + path));
        } catch (CharacterCodingException _) {
            faults.add(new Fault(variable, path + " is not text in UTF-8"));
        } catch (IOException | InvalidPathException e) {
            faults.add(new Fault(variable, "cannot read " + path + ": " + e.getMessage()));
        }
    }

    private static String withoutLineEnd(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
            end--;
        }
        return text.substring(0, end);
    }

    private static String withoutSuffix(String name) {
        return name.endsWith(FILE_SUFFIX) ? name.substring(0, name.length() - FILE_SUFFIX.length()) : name;
    }
}
