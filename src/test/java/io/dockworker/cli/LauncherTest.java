package io.dockworker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command line without services: what is understood, what is refused, and with which exit code. */
final class LauncherTest {
    private static final String KAFKA = "--kafka-bootstrap-servers=127.0.0.1:1";
    private static final String POSTGRES = "--postgres-url=postgresql://u:hidden@127.0.0.1:1/d";

    @TempDir
    private Path empty;

    private record Ended(int code, String out, String err) {}

    @Test
    void theHelpNamesEveryVerbOfTheContract() {
        String help = run("--help").out();
        for (String verb : List.of("demo", "test", "services", "run", "up", "health-monitor", "send", "watch", "ps",
                "events", "logs", "dlq", "topics", "doctor", "config", "bench")) {
            assertTrue(help.contains("\n  " + verb + " "), verb);
        }
    }

    @Test
    void everyVerbHasExamplesInItsHelp() {
        withVerbsBelow(Launcher.line());
    }

    private static void withVerbsBelow(CommandLine line) {
        line.getSubcommands().forEach((name, verb) -> {
            assertTrue(verb.getUsageMessage().contains("Examples:"), name);
            withVerbsBelow(verb);
        });
    }

    @Test
    void wrongUsageIs2() {
        assertEquals(2, run("nonsense").code());
        assertEquals(2, run().code());
        assertEquals(2, run("ps", "--output", "xml").code());
        assertEquals(2, run("ps", "one-too-many").code());
        assertEquals(2, run("send").code());
        assertEquals(2, run("send", "stop", "target=a", "-f", "x").code());
        assertEquals(2, run("dlq", "show").code());
        Ended directory = run("send", "-f", empty.toString());
        assertTrue(directory.code() == 2 && directory.err().contains(empty + " cannot be read"), directory.err());
        assertEquals(2, run("events", "--since", "yesterday", KAFKA, POSTGRES, data()).code());
        assertEquals(2, run("events", "--limit", "0", KAFKA, POSTGRES, data()).code());
        assertEquals(2, run("dlq", "list", "--limit", "0", KAFKA, POSTGRES, data()).code());
        assertEquals(2, run("bench", "chaos").code());
        assertEquals(2, run("bench", "chaos", "--kills", "-1").code());
        Ended type = run("events", "--type", "exit", KAFKA, POSTGRES, data());
        assertTrue(type.code() == 2 && type.err().contains("--type: \"exit\" is no type of an event"), type.err());
        String unknown = run("ps", "--foo").err();
        assertEquals(2, unknown.split("--foo", -1).length, unknown);
        Ended typo = run("ps", "--http-prot=1");
        assertEquals(2, typo.code());
        assertTrue(typo.err().contains("--http-port"), typo.err());
    }

    @Test
    void wrongSettingsAre78WithEveryFault() {
        Ended wrong = run("config", "--http-port=x", "--log-level=loud", KAFKA, POSTGRES, data());
        assertEquals(78, wrong.code());
        assertTrue(wrong.err().contains("--http-port") && wrong.err().contains("--log-level"), wrong.err());
        assertEquals(78, run("services", "--kafka-port=x", data()).code());
        assertEquals(78, run("up", "--postgres-port", "70000", data()).code());
        for (String verb : List.of("config", "doctor", "run", "health-monitor", "ps")) {
            Ended both = run(verb, KAFKA, "--postgres-url=postgresql://u:hidden@db:99999/x", "--http-port=x");
            assertEquals(78, both.code(), verb);
            assertTrue(both.err().contains("--postgres-url: the port") && both.err().contains("--http-port: "),
                    both.err());
            assertTrue(!both.err().contains("hidden"), both.err());
        }
        assertEquals(78, run("config", KAFKA, "--postgres-url=postgresql://h/d?nonsense=1", data()).code());
    }

    @Test
    void whatIsAwayIs69WithTheMend() {
        Ended kafka = run("topics", "diff", KAFKA, POSTGRES, data());
        assertEquals(69, kafka.code());
        assertTrue(kafka.err().contains("KAFKA_BOOTSTRAP_SERVERS"), kafka.err());
        Ended postgres = run("ps", KAFKA, POSTGRES, data());
        assertEquals(69, postgres.code());
        assertTrue(postgres.err().contains("POSTGRES_URL") && !postgres.err().contains("hidden"), postgres.err());
        assertEquals(78, run("bench", "chaos", "--kills=1", "--docker-host=tcp://127.0.0.1:1").code());
        assertEquals(69, run("bench", "chaos", "--kills=1", "--docker-host=unix:///no/such.sock").code());
        assertEquals(69, run("logs", "x", "--docker-host=unix:///no/such.sock", data()).code());
        Ended doctor = run("doctor", KAFKA, POSTGRES, "--docker-host=unix:///no/such.sock", data(), "-o", "json");
        assertEquals(69, doctor.code());
        assertEquals(List.of("docker", "postgres", "kafka"), Json.own(doctor.out()).findParents("check").stream()
                .filter(one -> one.path("status").asText().equals("failed")).map(one -> one.path("check").asText())
                .toList(), doctor::out);
    }

    @Test
    void aFaultOfOursIs70() {
        assertEquals(70, Launcher.line().addSubcommand("faulty", new Faulty()).execute("faulty"));
    }

    /** A verb that nobody has thought to the end. */
    @CommandLine.Command
    static final class Faulty implements Callable<Integer> {
        @Override
        public Integer call() {
            throw new IllegalStateException("nobody has thought of this");
        }
    }

    @Test
    void aCommandThatAWorkerWouldRefuseIsNotSent() {
        Ended refused = run("send", "create", "image=x", "resources.cpu_limitt=1", KAFKA, POSTGRES, data());
        assertEquals(2, refused.code());
        assertTrue(refused.err().contains("/resources/cpu_limitt") && refused.err().contains("`cpu_limit`"),
                refused.err());
    }

    @Test
    void configShowsWhereEachValueIsFromAndNoSecret() throws Exception {
        Files.writeString(empty.resolve("endpoints.env"),
                "KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:7\nPOSTGRES_URL=postgresql://u:hidden@127.0.0.1:8/d\nHTTP_URL=x\n");
        Ended env = run("config", "--format", "env", "--http-port", "9000", "--kafka-security-protocol=SSL", data());
        assertEquals(0, env.code(), env.err());
        assertTrue(env.out().contains("KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:7\n"), env.out());
        assertTrue(env.out().contains("HTTP_PORT=9000\n") && env.out().contains("KAFKA_SECURITY_PROTOCOL=SSL\n"),
                env.out());
        assertTrue(!env.out().contains("hidden"), env.out());
        Ended table = run("config", KAFKA, data());
        assertTrue(table.out().lines()
                .anyMatch(line -> line.startsWith("POSTGRES_URL") && line.endsWith("endpoints.env")), table.out());
        assertTrue(table.out().lines()
                .anyMatch(line -> line.startsWith("KAFKA_BOOTSTRAP_SERVERS") && line.endsWith("flag")), table.out());
    }

    private String data() {
        return "--data=" + empty;
    }

    private static Ended run(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        var said = new ByteArrayOutputStream();
        var complained = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
        try {
            int code = Launcher.run(arguments);
            return new Ended(code, said.toString(StandardCharsets.UTF_8),
                    complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
