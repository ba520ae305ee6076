package io.dockworker;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.settings.Setting;
import io.dockworker.wire.CommandFields;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What of the contract the tests on real parts see, noted as they go; {@link WholeContract} wants all of it. */
public final class Coverage {
    private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

    private Coverage() {}

    /** @param kind as in contract.txt */
    public static synchronized void saw(String kind, String name) {
        if (SEEN.add(kind + " " + name)) {
            try {
                Files.createDirectories(WholeContract.SEEN.getParent());
                // What an earlier run saw counts no more.
                Files.write(WholeContract.SEEN, SEEN);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** One that was executed, in the words in which it was sent. */
    static void sawCommand(JsonNode command) {
        saw("command", command.path("type").asText());
        sawFields(command);
    }

    /** Of one that did to Docker what it says. */
    public static void sawFields(JsonNode command) {
        Set<String> listed = WholeContract.listed();
        CommandFields.used(command).stream().filter(name -> listed.contains("field " + name))
                .forEach(name -> saw("field", name));
    }

    static void sawResult(JsonNode result) {
        String status = result.path("status").asText();
        saw("status", status);
        if (status.equals("succeeded")) {
            saw("command", result.path("type").asText());
        }
        result.findValuesAsText("code").forEach(code -> saw("code", code));
    }

    /** A request that was answered as it wished. */
    static void sawRequest(String method, String uri) {
        String path = uri.replaceFirst("\\?.*", "");
        WholeContract.listed().stream().filter(line -> line.startsWith("endpoint " + method + " "))
                .filter(line -> template(line.split(" ", 3)[2]).matcher(path).matches()).forEach(line -> saw("endpoint",
                        line.substring("endpoint ".length())));
    }

    private static Pattern template(String path) {
        return Pattern.compile(path.replace("{image}", "(?!instances/).+").replaceAll("\\{(id|file)}", "[^/]+"));
    }

    /** A series at {@code /metrics} whose value has changed, by its own name or by what it is one of. */
    static void sawMove(String series) {
        String metric = series.replaceFirst("\\{.*", "").replaceFirst("(?<=_seconds)_(count|sum|max)$", "");
        Stream.of(series, metric).map(name -> "metric " + name).filter(WholeContract.listed()::contains)
                .forEach(line -> saw("metric", line.substring("metric ".length())));
    }

    /** Flags, each with its value behind `=`. */
    static void sawFlags(Collection<String> flags) {
        flags.stream().filter(flag -> flag.startsWith("--") && flag.contains("="))
                .map(flag -> flag.substring(2).split("=", 2))
                .forEach(parts -> sawSetting(parts[0].toUpperCase(Locale.ROOT).replace('-', '_'), parts[1]));
    }

    static void sawSettings(Map<String, String> environment) {
        environment.forEach(Coverage::sawSetting);
    }

    /** One that is other than where nothing is set. */
    private static void sawSetting(String name, String value) {
        boolean known = Stream.of(Setting.values()).map(Setting::name).anyMatch(name::equals);
        if (known && !Setting.valueOf(name).standard().equals(value)) {
            saw("setting", name);
        } else if (!known && name.endsWith("_FILE")) {
            saw("setting", "*_FILE");
        } else if (!known && name.startsWith(Setting.KAFKA_PREFIX)) {
            saw("setting", "KAFKA_*");
        }
    }

    /** A verb of the launcher, with what it was given. */
    static void sawVerb(List<String> words) {
        saw("verb", words.getFirst());
        saw("verb", String.join(" ", words.subList(0, Math.min(2, words.size()))));
    }
}
