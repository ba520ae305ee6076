package io.dockworker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.kafka.RawRecord;
import io.dockworker.kafka.Sender.Place;
import io.dockworker.kafka.Tap.Drop;
import io.dockworker.wire.Poison;
import io.dockworker.wire.TopicSchemas;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** What became of each record that was sent: a dead letter or a result, never both, never two. */
final class PoisonAccounts {
    private static final Pattern KEY = Pattern.compile("key-(\\d+)");
    private static final Pattern ID = Pattern.compile("poison-[0-9a-f]+-(\\d+)-.*");
    private static final Pattern MADE_ID = Pattern.compile(".+-(\\d+)-(\\d+)");

    private final Poison poison;
    private final String topic;
    private final Map<Place, Integer> numbers = new ConcurrentHashMap<>();
    private final Map<Integer, String> ends = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();

    /** @param topic that the records are sent to */
    PoisonAccounts(Poison poison, String topic) {
        this.poison = poison;
        this.topic = topic;
    }

    void sent(int number, Place place) {
        numbers.put(place, number);
    }

    void letter(Drop drop) {
        Map<String, String> headers = texts(drop.record().headers());
        var place = new Place(Integer.parseInt(headers.get("__dlq.errors.partition")),
                Long.parseLong(headers.get("__dlq.errors.offset")));
        Integer number = numbers.get(place);
        if (number == null) {
            faults.add("a letter from " + place + ", where nothing was sent to: " + headers);
            return;
        }
        checkSchema(number, "commands.dlq", headers, null);
        Poison.Fuzzed sent = poison.number(number);
        List<String> kept = drop.record().headers().stream().filter(header -> !Poison.REPLACED.contains(header.name()))
                .map(PoisonAccounts::shown).toList();
        List<String> original = sent.headers().stream().filter(header -> !Poison.REPLACED.contains(header.name()))
                .map(header -> shown(new RawRecord.Header(header.name(), header.value()))).toList();
        if (!Arrays.equals(sent.key(), drop.record().key()) || !Arrays.equals(sent.value(), drop.record().value())
                || !kept.equals(original) || !topic.equals(headers.get("__dlq.errors.topic"))) {
            faults.add("letter " + number + " is not what was sent: " + headers);
        }
        end(sent, headers.get("dockworker_error_code"));
    }

    void result(Drop drop) throws IOException {
        String value = new String(drop.record().value(), UTF_8);
        JsonNode result = new ObjectMapper().readTree(value);
        Integer number = number(drop.record().key(), result.path("command_id").asText());
        if (number == null) {
            faults.add("a result of nothing that was sent: " + value);
            return;
        }
        checkSchema(number, "results", texts(drop.record().headers()), value);
        end(poison.number(number), result.path("status").asText());
    }

    private Integer number(byte[] key, String id) {
        Matcher named = key == null ? null : KEY.matcher(new String(key, UTF_8));
        if (named != null && named.matches()) {
            return Integer.valueOf(named.group(1));
        }
        Matcher own = ID.matcher(id);
        if (own.matches()) {
            return Integer.valueOf(own.group(1));
        }
        Matcher made = MADE_ID.matcher(id);
        return made.matches()
                ? numbers.get(new Place(Integer.parseInt(made.group(1)), Long.parseLong(made.group(2))))
                : null;
    }

    private void end(Poison.Fuzzed sent, String end) {
        String other = ends.putIfAbsent(sent.number(), end);
        if (other != null) {
            faults.add("record " + sent.number() + " ended twice: " + other + ", " + end);
        }
        if (!sent.must().isEmpty() && !sent.must().equals(end)) {
            faults.add("record " + sent.number() + " must become " + sent.must() + ", not " + end);
        }
    }

    private void checkSchema(int number, String name, Map<String, String> headers, String value) {
        try {
            TopicSchemas.check(name, headers, value);
        } catch (AssertionError e) {
            faults.add("record " + number + ": " + e.getMessage());
        }
    }

    /** What is wrong, when the first so many records have been sent and all has been heard. */
    List<String> faults(int sent) {
        List<String> all = new ArrayList<>(faults);
        IntStream.range(0, sent).filter(number -> !ends.containsKey(number))
                .forEach(number -> all.add("nothing became of record " + number));
        return all.size() > 20 ? all.subList(0, 20) : all;
    }

    /** How often each end was met. */
    Map<String, Integer> ends() {
        Map<String, Integer> counts = new TreeMap<>();
        ends.values().forEach(end -> counts.merge(end, 1, Integer::sum));
        return counts;
    }

    private static Map<String, String> texts(List<RawRecord.Header> headers) {
        Map<String, String> texts = new HashMap<>();
        headers.stream().filter(header -> header.value() != null)
                .forEach(header -> texts.put(header.name(), new String(header.value(), UTF_8)));
        return texts;
    }

    private static String shown(RawRecord.Header header) {
        return header.name() + "=" + Arrays.toString(header.value());
    }
}
