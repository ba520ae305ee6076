package io.dockworker.wire;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.CpuLimit;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.PortMapping;
import io.dockworker.command.StorableText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CommandDecoderTest {
    private static final String MADE = "made.7";

    private final CommandDecoder decoder = new CommandDecoder();
    private final CommandEncoder encoder = new CommandEncoder();

    static List<String> accepted() {
        return Samples.ACCEPTED;
    }

    static List<Samples.Bad> rejected() {
        return Samples.REJECTED;
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void whatIsValidIsAcceptedAndSurvivesBeingWrittenAndReadAgain(String json) {
        Decoded.Accepted accepted = assertInstanceOf(Decoded.Accepted.class, decode(json));
        byte[] stored = encoder.encode(accepted.command());
        assertEquals(accepted.command(), decoder.decodeStored(stored));
        assertEquals(accepted, decoder.decode(stored, Map.of(), "other"), "the same hash too");
    }

    @ParameterizedTest
    @MethodSource("rejected")
    void whatIsInvalidIsRejectedWithItsFieldAndTheMend(Samples.Bad bad) {
        Decoded.Rejected rejected = assertInstanceOf(Decoded.Rejected.class, decode(bad.json()));
        assertEquals(bad.pointer(), rejected.failure().field().orElseThrow());
        assertEquals(bad.code(), rejected.failure().code());
        assertTrue(rejected.failure().message().contains(bad.hint()), rejected.failure().message());
        assertEquals(MADE, rejected.id().value());
    }

    static Stream<Map.Entry<DeadLetterCode, byte[]>> noCommands() {
        List<Map.Entry<DeadLetterCode, byte[]>> records = new ArrayList<>();
        for (String text : List.of("nonsense", "{", "{\"type\":\"start\"", "{\"type\":\"start\"} x", "{}{}", " \n",
                "{'a':1}",
                "{\"a\":NaN}", "{\"a\":01}", "{\"a\":1,}", "{\"a\":\"\n\"}", "// no\n{}", "{\"a\":\"\\x\"}",
                "\uFEFF{}")) {
            records.add(Map.entry(DeadLetterCode.NOT_JSON, Samples.utf8(text)));
        }
        records.add(Map.entry(DeadLetterCode.NOT_JSON, new byte[]{'"', (byte) 0xff, '"'}));
        records.add(Map.entry(DeadLetterCode.NOT_JSON, new byte[]{'"', (byte) 0xc0, (byte) 0x80, '"'}));
        records.add(Map.entry(DeadLetterCode.NOT_JSON, "{\"type\":\"start\",\"target\":\"a\"}".getBytes(UTF_16)));
        for (String text : List.of("", "[]", "1", "\"create\"", "null", "{}", "{\"id\":\"a\"}", "{\"type\":7}",
                "{\"type\":null}", "{\"type\":\"\"}", "{\"type\":\"a\\u0000\"}",
                "{\"type\":\"" + "t".repeat(65) + "\"}",
                "{\"type\":\"start\",\"id\":7}", "{\"type\":\"start\",\"id\":null}", "{\"type\":\"start\",\"id\":\"\"}",
                "{\"type\":\"start\",\"id\":\"a b\"}", "{\"type\":\"start\",\"id\":\"" + "i".repeat(129) + "\"}")) {
            records.add(Map.entry(DeadLetterCode.NOT_A_COMMAND, Samples.utf8(text)));
        }
        for (String text : List.of("{\"type\":\"start\",\"type\":\"stop\"}", "{\"a\":{\"b\":1,\"\\u0062\":2}}")) {
            records.add(Map.entry(DeadLetterCode.DUPLICATE_KEY, Samples.utf8(text)));
        }
        for (String text : List.of("[".repeat(33), "[".repeat(10_000), "{\"a\":".repeat(10_000),
                "{\"type\":\"start\",\"x\":" + "[".repeat(32) + "]".repeat(32) + "}")) {
            records.add(Map.entry(DeadLetterCode.TOO_DEEP, Samples.utf8(text)));
        }
        for (String number : List.of("1".repeat(41), "0." + "1".repeat(40), "1e40", "1e-40", "-1E999999999",
                "1e99999999999", "9".repeat(200_000), "0e999999999")) {
            records.add(Map.entry(DeadLetterCode.TOO_LARGE, Samples.utf8("{\"type\":\"start\",\"x\":" + number + "}")));
        }
        records.add(Map.entry(DeadLetterCode.TOO_LARGE, Samples.utf8(" ".repeat(StrictJson.MAX_BYTES - 1) + "{}")));
        records.add(Map.entry(DeadLetterCode.TOO_LARGE, Samples.utf8("9".repeat(1 << 20))));
        return records.stream();
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("noCommands")
    void whatCannotBeNamedIsADeadLetterOfTheRightCode(Map.Entry<DeadLetterCode, byte[]> record) {
        Decoded decoded = assertTimeout(Duration.ofSeconds(2),
                () -> decoder.decode(record.getValue(), Map.of(), MADE));
        Decoded.NoCommand none = assertInstanceOf(Decoded.NoCommand.class, decoded);
        assertEquals(record.getKey(), none.code(), none.message());
        assertFalse(Text.hasControls(none.message()), "it becomes a header");
    }

    /** Text of strangers meets patterns of ours: none may look at it again and again, or go a step deeper for each piece. */
    static List<String> longTexts() {
        String distinct = IntStream.range(0x4E00, 0x9F00).mapToObj(Character::toString)
                .collect(Collectors.joining());
        return List.of("'devices':'/a:/b:" + distinct + "'", "'sysctls':{'net" + ".a".repeat(100_000) + "':1}",
                "'tmpfs':'/" + "a/".repeat(100_000) + "'", "'tmpfs':'/a:" + "ro,".repeat(80_000) + "'",
                "'image':'" + "a-".repeat(100_000) + "'", "'hostname':'" + "a.".repeat(100_000) + "'",
                "'security_opt':'seccomp={" + "}".repeat(200_000) + "x'", "'stop_grace_period':'" + "1h".repeat(100_000)
                        + "'",
                "'resources':{'memory_limit':'" + "9".repeat(200_000) + "'}",
                "'resources':{'cpu_limit':'" + "9".repeat(200_000) + "'}");
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("longTexts")
    void longTextTakesNeitherLongNorMuchOfTheStack(String field) {
        String json = ("{'type':'create','image':'a'," + field + "}").replace('\'', '"');
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> decode(json));
    }

    @Test
    void aRecordWithoutValueIsNoCommand() {
        assertEquals(DeadLetterCode.NOT_A_COMMAND,
                assertInstanceOf(Decoded.NoCommand.class, decoder.decode(null, Map.of(), MADE)).code());
    }

    @Test
    void theBoundsThemselvesAreAllowed() {
        String deep = "{\"type\":\"start\",\"x\":" + "[".repeat(31) + "]".repeat(31) + "}";
        assertInstanceOf(Decoded.Rejected.class, decode(deep));
        String digits = "{\"type\":\"start\",\"x\":" + "1".repeat(40) + "}";
        assertInstanceOf(Decoded.Rejected.class, decode(digits));
        String start = "{\"type\":\"start\",\"target\":\"a\"}";
        assertInstanceOf(Decoded.Accepted.class, decode(start + " ".repeat(StrictJson.MAX_BYTES - start.length())));
    }

    @Test
    void everyFieldReachesTheVocabulary() {
        Command.Create create = assertInstanceOf(Command.Create.class, command(Samples.ACCEPTED.get(1)));
        assertEquals(new CommandId("a:B_c-1.2"), create.id());
        assertFalse(create.start());
        assertEquals(Map.of("A", "b=c", "EMPTY", "", "N", "1.50", "YES", "true", "big", "1200"),
                create.spec().process().env());
        assertEquals(List.of("A", "EMPTY", "N", "YES", "big"), List.copyOf(create.spec().process().env().keySet()));
        assertEquals(List.of(new PortMapping(80, PortMapping.Protocol.TCP, "", 0),
                new PortMapping(443, PortMapping.Protocol.TCP, "", 8443),
                new PortMapping(53, PortMapping.Protocol.UDP, "127.0.0.1", 0),
                new PortMapping(54, PortMapping.Protocol.UDP, "::1", 0),
                new PortMapping(9, PortMapping.Protocol.SCTP, "", 0)), create.spec().network().ports());
        assertEquals(Optional.of(new CpuLimit(500_000_000)), create.spec().resources().cpu());
        assertEquals(64L << 20, create.spec().resources().memory().orElseThrow().bytes());
        assertEquals(3L << 29, create.spec().resources().shm().orElseThrow().bytes());
        assertEquals(Optional.of(Instant.parse("2030-01-31T10:00:00.5Z")), create.header().expiresAt());
        assertEquals(Optional.of(Duration.ofDays(7)), create.header().deadline());
        Command.Stop stop = assertInstanceOf(Command.Stop.class, command(Samples.ACCEPTED.get(7)));
        assertEquals(Optional.of(Duration.ofSeconds(90)), stop.gracePeriod());
        assertEquals(Optional.of("SIGTERM"), stop.signal());
        Command.Remove remove = assertInstanceOf(Command.Remove.class,
                command("{\"type\":\"delete\",\"target\":\"a\"}"));
        assertTrue(remove.force());
        assertFalse(remove.volumes());
    }

    @Test
    void theSameRequestHasTheSameHashHoweverItIsWrittenAndWhoeverSendsIt() {
        ContentHash plain = hash(
                "{\"id\":\"1\",\"type\":\"create\",\"image\":\"nginx\",\"env\":{\"A\":\"1\",\"B\":\"2\"}}");
        assertEquals(plain,
                hash("""
                        {"env":{"B":2,"\\u0041":"1"},"source":"x","correlation_id":"y","traceparent":"z","count":1.0,"start":true,
                         "image":"nginx","type":"create","id":"2","pull_policy":"missing","ports":{},"labels":{}}"""));
        assertNotEquals(plain, hash("{\"id\":\"1\",\"type\":\"create\",\"image\":\"nginx\",\"env\":{\"A\":\"1\"}}"));
        assertEquals(hash(
                "{\"type\":\"create\",\"image\":\"a\",\"cap_add\":[\"KILL\",\"CAP_CHOWN\"],\"ulimits\":{\"core\":1}}"),
                hash("""
                        {"type":"create","image":"a","cap_add":["chown","kill"],"ulimits":{"core":{"hard":1,"soft":1}},
                         "restart_policy":{"name":"no"},"healthcheck":{},"deadline_seconds":600,"volumes":[]}"""),
                "a default written out");
        assertNotEquals(hash("{\"type\":\"pull\",\"image\":\"a\"}"),
                hash("{\"type\":\"pull\",\"image\":\"a\",\"deadline_seconds\":600}"));
        String option = "{\"type\":\"create\",\"image\":\"a\",\"security_opt\":\"label%sdisable\"}";
        assertEquals(hash(option.formatted("=")), hash(option.formatted(":")));
        assertEquals(hash("{\"type\":\"remove\",\"target\":\"a\"}"), hash("{\"type\":\"delete\",\"target\":\"a\"}"));
        assertEquals(hash("{\"type\":\"start\"}"), hash("{ \"id\":\"z\", \"type\":\"start\" }"));
        assertNotEquals(hash("{\"type\":\"start\"}"), hash("{\"type\":\"start\",\"x\":1}"));
    }

    @Test
    void aSpecificationIsNamedByWhatItAsksForNotByItsOrder() {
        assertEquals(spec(
                "{\"type\":\"create\",\"image\":\"a\",\"ports\":{\"80\":0,\"81\":0},\"resources\":{\"cpu_limit\":\"0.5\"}}"),
                spec("{\"type\":\"create\",\"image\":\"a\",\"ports\":{\"81/tcp\":0,\"80/tcp\":{}},\"resources\":{\"cpu_limit\":\"500m\"},"
                        + "\"host\":\"h\",\"id\":\"7\"}"));
        assertEquals(spec("{\"type\":\"create\",\"image\":\"a\",\"devices\":[\"/dev/fuse\"]}"),
                spec("{\"type\":\"create\",\"restart_policy\":{\"name\":\"no\"},\"image\":\"a\","
                        + "\"devices\":\"/dev/fuse:/dev/fuse:rwm\"}"));
        assertNotEquals(spec("{\"type\":\"create\",\"image\":\"a\"}"),
                spec("{\"type\":\"create\",\"image\":\"a\",\"command\":[\"x\"]}"));
    }

    @Test
    void correlationAndTraceAreKnownEvenOfARejectedCommand() {
        String trace = "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01";
        Decoded decoded = decoder.decode(
                Samples.utf8("{\"type\":\"start\",\"correlation_id\":\"c\",\"nope\":1}"), Map.of("traceparent", trace),
                MADE);
        Decoded.Rejected rejected = assertInstanceOf(Decoded.Rejected.class, decoded);
        assertEquals(Optional.of("c"), rejected.correlationId());
        assertEquals(Optional.of(trace), rejected.traceparent());
        Decoded forged = decoder.decode(Samples.utf8("{\"type\":\"start\",\"correlation_id\":7}"),
                Map.of("traceparent", "x\r\ny"), MADE);
        assertEquals(Optional.empty(), assertInstanceOf(Decoded.Rejected.class, forged).correlationId());
        assertEquals(Optional.empty(), ((Decoded.Rejected) forged).traceparent());
        Decoded unstorable = decoder.decode(Samples.utf8("{\"type\":\"start\"}"),
                Map.of("traceparent", trace + "\0"), MADE);
        assertEquals(Optional.empty(), assertInstanceOf(Decoded.Rejected.class, unstorable).traceparent());
    }

    /** Whatever the bytes: an answer, storable, and with what it rejects named. */
    @Test
    void noRecordMakesItThrow() {
        long seed = Long.getLong("dockworker.seed", System.nanoTime());
        var random = new Random(seed);
        List<byte[]> sources = new ArrayList<>();
        Samples.ACCEPTED.forEach(json -> sources.add(Samples.utf8(json)));
        Samples.REJECTED.forEach(bad -> sources.add(Samples.utf8(bad.json())));
        int named = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] mutant = mutate(random, sources);
            try {
                switch (decoder.decode(mutant, Map.of(), MADE)) {
                    case Decoded.Accepted accepted -> {
                        named++;
                        assertEquals(accepted.command(), decoder.decodeStored(encoder.encode(accepted.command())));
                    }
                    case Decoded.Rejected rejected -> {
                        named++;
                        assertTrue(rejected.failure().code() == ErrorCode.INVALID_COMMAND
                                || rejected.failure().code() == ErrorCode.UNSUPPORTED);
                        for (String text : List.of(rejected.failure().message(), rejected.type(),
                                rejected.failure().field().orElseThrow())) {
                            assertEquals(StorableText.of(text), text);
                        }
                    }
                    case Decoded.NoCommand none -> assertEquals(Text.shown(none.message(), 500), none.message());
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("-Ddockworker.seed=" + seed + ", record " + i + ": "
                        + new String(mutant, UTF_8), e);
            }
        }
        assertTrue(named > 1_000, "the mutants must reach beyond the parser, but only " + named + " of seed " + seed);
    }

    private static final List<String> WEDGES = List.of("\\u0000", "\\ud800", "null", "{}", "[]", "\"", "1e99", "-1",
            "0.5",
            "\"x\":1,", "\u0001", "😀", ",", ":", "\\", "true", "\"\"");

    private static byte[] mutate(Random random, List<byte[]> sources) {
        byte[] bytes = sources.get(random.nextInt(sources.size())).clone();
        for (int times = random.nextInt(3); times >= 0; times--) {
            int at = random.nextInt(bytes.length + 1);
            int end = Math.min(bytes.length, at + random.nextInt(8));
            byte[] wedge = switch (random.nextInt(4)) {
                case 0 -> new byte[0];
                case 1 -> new byte[]{(byte) random.nextInt(256)};
                case 2 -> Samples.utf8(WEDGES.get(random.nextInt(WEDGES.size())));
                default -> Arrays.copyOfRange(bytes, at, end);
            };
            int keepFrom = random.nextBoolean() ? at : end;
            byte[] result = Arrays.copyOf(bytes, at + wedge.length + bytes.length - keepFrom);
            System.arraycopy(wedge, 0, result, at, wedge.length);
            System.arraycopy(bytes, keepFrom, result, at + wedge.length, bytes.length - keepFrom);
            bytes = result;
        }
        return bytes;
    }

    private Decoded decode(String json) {
        return decoder.decode(Samples.utf8(json), Map.of(), MADE);
    }

    private Command command(String json) {
        return assertInstanceOf(Decoded.Accepted.class, decode(json)).command();
    }

    private String spec(String json) {
        return SpecHash.of(((Command.Create) command(json)).spec());
    }

    private ContentHash hash(String json) {
        return switch (decode(json)) {
            case Decoded.Accepted accepted -> accepted.hash();
            case Decoded.Rejected rejected -> rejected.hash();
            case Decoded.NoCommand none -> throw new AssertionError(none);
        };
    }
}
