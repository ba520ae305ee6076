package io.dockworker.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Records for the commands topic that are no good commands, or hardly any: invalid bytes, bounds and beyond, forgery.
 * Each is made from a seed and its number alone. What happens to be valid does nothing to Docker: its image is not there
 * and not looked for elsewhere, its container neither.
 */
public final class Poison {
    /** What neither our decoder nor PostgreSQL, a log or a shell may stumble over. */
    private static final List<String> WEDGES = List.of("\\u0000", "\\ud800", "\\udfff\\ud800", "null", "{}", "[]", "\"",
            "1e99", "-1", "0.5", "\"x\":1,", "\u0001", "\uD83D\uDE00", ",", ":", "\\", "true", "\"\"",
            "'; drop table commands;--",
            "$(reboot)", "${jndi:x}", "\\u001b[2J", "\u202e");
    private static final List<String> MOTIFS = List.of("a", "9", ".a", "/a", "a=", ":a", "-", "ro,", "1h", "}",
            "\u4e00",
            "%s", "\\n", "A");
    private static final List<String> BEGINNINGS = List.of("", "net", "/a:", "/a:/b:", "seccomp={", "label=",
            "container:",
            "127.0.0.1:", "0.");
    /** Of the record's own that no dead letter keeps. */
    public static final Set<String> REPLACED = Set.of("__dlq.errors.topic", "__dlq.errors.partition",
            "__dlq.errors.offset", "__dlq.errors.message", "dockworker_error_code", "dockworker_host",
            "dockworker_reduced");
    private static final int MAX_BYTES = StrictJson.MAX_BYTES;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> COMMANDS = commands();

    private final long seed;
    private final int largest;

    /**
     * A record.
     *
     * @param must what is to become of it: a code of a dead letter, "rejected", or empty where its bytes decide
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Fuzzed(int number, byte[] key, byte[] value, List<OutboundMessage.Header> headers, String must) {}

    /** @param largest bytes of the largest record that the topic takes */
    public Poison(long seed, int largest) {
        this.seed = seed;
        this.largest = largest;
    }

    /** The beginning of the id of a record that has one, and has not lost it to chance. */
    public String id(int number) {
        return "poison-" + Long.toHexString(new Random(seed * 31 + number).nextLong()) + "-" + number + "-";
    }

    /** The key of a record that has one: no other has it. */
    public static byte[] key(int number) {
        return utf8("key-" + number);
    }

    public Fuzzed number(int number) {
        var random = new Random(seed + number * 0x9E3779B97F4A7C15L);
        ObjectNode command = command(random, number);
        List<OutboundMessage.Header> headers = new ArrayList<>();
        byte[] value;
        String must = "";
        // Without a key, the id alone tells whose result it is.
        boolean keyed = true;
        switch (random.nextInt(16)) {
            case 0 -> {
                value = new byte[random.nextInt(2_000)];
                random.nextBytes(value);
            }
            case 1 -> {
                value = with(command, "source", "\u00ff" + random.nextInt()).getBytes(ISO_8859_1);
                must = "NOT_JSON";
            }
            case 2 -> {
                int depth = 32 + random.nextInt(10_000);
                String opening = random.nextBoolean() ? "[" : "{\"a\":";
                value = utf8("{\"id\":\"" + id(number) + "\",\"type\":\"create\",\"x\":" + opening.repeat(depth)
                        + (random.nextBoolean() ? "1" + (opening.equals("[") ? "]" : "}").repeat(depth) + "}" : ""));
                must = "TOO_DEEP";
            }
            case 3 -> {
                String digits = "9".repeat(41 + (random.nextInt(60) == 0 ? random.nextInt(largest - 10_000) : 0));
                value = utf8("{\"x\":" + one(random, "1e999999999", "-1E-99999999999999",
                        "0e41", digits, "0." + digits, "1e40") + "," + text(command).substring(1));
                must = "TOO_LARGE";
            }
            case 4 -> {
                value = utf8(one(random, "{\"type\":\"stop\",", "{\"a\":{\"b\":1,\"\\u0062\":2},", "{\"id\":\"x\",")
                        + text(command).substring(1));
                must = value[2] == 'a' || command.has("id") || value[2] == 't' ? "DUPLICATE_KEY" : "";
            }
            case 5 -> {
                keyed = random.nextBoolean();
                value = switch (random.nextInt(4)) {
                    case 0 -> null;
                    case 1 -> new byte[0];
                    default -> utf8(one(random, "null", "1", "\"create\"", "[]", "{}", "true", "{\"type\":null}"));
                };
                must = "NOT_A_COMMAND";
            }
            case 6 -> {
                keyed = random.nextBoolean();
                String bad = one(random, "\\u0000", "\\ud800", "\\udc00x", "\\ud83d");
                boolean name = random.nextBoolean();
                value = utf8((name ? "{\"" + bad + "\":1," : "{\"x\":\"" + bad + "\",") + text(command).substring(1));
                // The parser itself refuses half a character in a name.
                must = name ? "" : "rejected";
            }
            case 7 -> {
                forge(random, headers);
                value = utf8(text(command));
            }
            case 8, 9, 10 -> value = mutate(random, utf8(text(command)));
            case 11 -> value = utf8(text(ofAnotherKind(random, command)));
            case 12 -> {
                String one = one(random, MOTIFS);
                int length = Math.min(random.nextInt(80_000), (MAX_BYTES - 20_000) / one.getBytes(UTF_8).length);
                value = utf8(stuffed(random, command, one(random, BEGINNINGS) + one.repeat(length)));
            }
            case 13 -> {
                String letters = "i".repeat(128);
                String id = id(number);
                value = switch (random.nextInt(5)) {
                    case 0 -> utf8(with(command, "id", (id + letters).substring(0, 128)));
                    case 1 -> utf8(with(command, "id", (id + letters).substring(0, 129)));
                    case 2 -> utf8(with(command, "id", one(random, "", " ", "a b", "\u00fc", "a/b", "../x", "%00")));
                    case 3 -> utf8(with(command, "type", letters.substring(0, 63 + random.nextInt(3))));
                    default ->
                        utf8(with(command, "type", one(random, "", "\u0000", "Create", "create\n", "\ud83d\ude00")));
                };
            }
            case 14 -> {
                byte[] bytes = utf8(text(command));
                int size = switch (random.nextInt(100)) {
                    case 0 -> largest - random.nextInt(50) - key(number).length;
                    case 1, 2, 3, 4, 5, 6 -> MAX_BYTES - 2 + random.nextInt(4);
                    default -> bytes.length + random.nextInt(20_000);
                };
                value = Arrays.copyOf(bytes, size);
                Arrays.fill(value, bytes.length, size, (byte) ' ');
                must = size > MAX_BYTES ? "TOO_LARGE" : "";
            }
            default -> value = utf8(crowded(random, command));
        }
        if (random.nextInt(10) == 0 && (value == null || value.length <= MAX_BYTES + 2)) {
            forge(random, headers);
            must = "";
        }
        return new Fuzzed(number, keyed ? key(number) : random.nextBoolean() ? null : new byte[0], value,
                List.copyOf(headers), must);
    }

    /** One of the samples, made harmless and told apart from all others. */
    private ObjectNode command(Random random, int number) {
        ObjectNode command = read(COMMANDS.get(random.nextInt(COMMANDS.size())));
        command.put("id", id(number));
        command.remove("host");
        if (command.path("target").isTextual()) {
            command.put("target", "poison-absent");
        }
        if (command.path("command_id").isTextual()) {
            command.put("command_id", "never-" + number);
        }
        if (command.path("count").asInt() > 2) {
            command.put("count", 2);
        }
        if (command.path("image").isTextual()) {
            command.put("image", "127.0.0.1:1/not-there");
        }
        if (Set.of("create", "replace").contains(command.path("type").asText())) {
            command.put("pull_policy", "never").put("deadline_seconds", 30);
        }
        return command;
    }

    /** A pull that a flipped bit sends elsewhere would go there. */
    private static List<String> commands() {
        List<String> all = new ArrayList<>(Samples.ACCEPTED);
        Samples.REJECTED.forEach(bad -> all.add(bad.json()));
        return all.stream().filter(json -> !read(json).path("type").asText().equals("pull")).toList();
    }

    private static void forge(Random random, List<OutboundMessage.Header> headers) {
        List<String> names = List.of("ce_id", "ce_type", "ce_specversion", "ce_source", "ce_expirytime",
                "ce_correlationid", "ce_datacontenttype", "ce_traceparent", "traceparent", "tracestate", "content-type",
                "dockworker_error_code", "dockworker_host", "dockworker_reduced", "__dlq.errors.offset",
                "__dlq.errors.message", "", "\u00fc");
        List<String> values = List.of("", "1.0", "0.3", "io.dockworker.command.stop", "io.dockworker.command.stop.v1",
                "io.dockworker.command.", "application/cloudevents+json", "application/cloudevents-batch+json",
                "application/json", "true", "7", "\0", "a\r\nb: c", "2020-01-01T00:00:00Z", "never",
                "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01",
                "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01\0",
                "x".repeat(random.nextInt(50) == 0 ? 100_000 : 300));
        for (int i = random.nextInt(5); i >= 0; i--) {
            String name = one(random, names);
            headers.add(switch (random.nextInt(8)) {
                case 0 -> new OutboundMessage.Header(name, null);
                case 1 -> new OutboundMessage.Header(name, new byte[]{(byte) 0xff, (byte) 0xc0, 0, (byte) 0x80});
                default -> OutboundMessage.Header.of(name, one(random, values));
            });
        }
    }

    private static byte[] mutate(Random random, byte[] bytes) {
        byte[] mutant = bytes;
        for (int times = random.nextInt(3); times >= 0; times--) {
            int at = random.nextInt(mutant.length);
            mutant = switch (random.nextInt(4)) {
                case 0 -> Arrays.copyOf(mutant, at + 1);
                case 1 -> flipped(mutant, at, 1 << random.nextInt(8));
                case 2 -> joined(mutant, at, utf8(one(random, WEDGES)), at);
                default -> joined(mutant, at, new byte[0], Math.min(mutant.length, at + 1 + random.nextInt(8)));
            };
            if (mutant.length == 0) {
                return mutant;
            }
        }
        return mutant;
    }

    private static byte[] flipped(byte[] bytes, int at, int bit) {
        byte[] copy = bytes.clone();
        copy[at] ^= (byte) bit;
        return copy;
    }

    private static byte[] joined(byte[] bytes, int to, byte[] wedge, int from) {
        byte[] all = Arrays.copyOf(bytes, to + wedge.length + bytes.length - from);
        System.arraycopy(wedge, 0, all, to, wedge.length);
        System.arraycopy(bytes, from, all, to + wedge.length, bytes.length - from);
        return all;
    }

    /** With something else in one of its fields. */
    private static ObjectNode ofAnotherKind(Random random, ObjectNode command) {
        ObjectNode changed = command.deepCopy();
        List<String> names = names(changed);
        changed.set(one(random, names),
                read("{\"v\":" + one(random, "null", "true", "-1", "1.5", "\"\"", "[]", "{}", "[null]",
                        "[[1]]", "{\"\":null}", "99999999999999999999", "\"\uD83D\uDE00\"", "[\"a\",1]") + "}")
                        .get("v"));
        return changed;
    }

    /** With long text in one of its fields, or as a name in it. */
    private static String stuffed(Random random, ObjectNode command, String text) {
        List<String> names = names(command);
        String name = one(random, names);
        JsonNode now = command.get(name);
        ObjectNode changed = command.deepCopy();
        switch (random.nextInt(3)) {
            case 0 -> changed.putArray(name).add(text);
            case 1 -> {
                JsonNode inner = now.isObject() && !now.isEmpty()
                        ? now.elements().next()
                        : JSON.getNodeFactory().numberNode(1);
                changed.putObject(name).set(text, inner);
            }
            default -> changed.put(name, text);
        }
        return text(changed);
    }

    /** With a great many of something. */
    private static String crowded(Random random, ObjectNode command) {
        int many = 1 + random.nextInt(2_000) * (random.nextInt(10) == 0 ? 5 : 1);
        var crowd = new StringBuilder();
        String kind = one(random, "tmpfs", "env", "command", "ports", "volumes", "sysctls", "devices", "unknown");
        boolean array = Set.of("tmpfs", "command", "volumes", "devices").contains(kind);
        for (int i = 0; i < many; i++) {
            crowd.append(i == 0 ? "" : ",").append(switch (kind) {
                case "tmpfs" -> "\"/\u00fc" + i + "\"";
                case "command" -> "\"/" + i + "\"";
                case "devices" -> "\"/a:/b:" + Character.toString(0x4E00 + i) + "\"";
                case "volumes" -> "{\"target\":\"/" + i + "\"}";
                case "ports" -> "\"" + i + "\":0";
                case "sysctls" -> "\"net" + ".a".repeat(i == 0 ? 5 * many : 1) + i + "\":1";
                default -> "\"A" + i + "\":[]";
            });
        }
        ObjectNode changed = command.deepCopy();
        changed.remove(kind);
        return "{\"" + kind + "\":" + (array ? "[" + crowd + "]" : "{" + crowd + "}") + ","
                + text(changed).substring(1);
    }

    private static List<String> names(ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        names.removeAll(List.of("id", "pull_policy", "deadline_seconds"));
        return names;
    }

    private static String with(ObjectNode command, String field, String text) {
        return text(command.deepCopy().put(field, text));
    }

    private static String text(ObjectNode command) {
        return command.toString();
    }

    private static ObjectNode read(String json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String one(Random random, String... some) {
        return one(random, List.of(some));
    }

    private static String one(Random random, List<String> some) {
        return some.get(random.nextInt(some.size()));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
