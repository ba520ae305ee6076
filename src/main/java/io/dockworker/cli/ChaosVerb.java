package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.Worker;
import io.dockworker.bench.Campaign;
import io.dockworker.command.ImageName;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.LocalImage;
import io.dockworker.settings.Setting;
import io.dockworker.settings.Settings;
import io.dockworker.standalone.Services;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Kills workers, and counts what that has harmed. */
@Command(name = "chaos", mixinStandardHelpOptions = true, header = "Kills a worker with SIGKILL while it works, again and again, and audits what came of it.", description = {
        "Sends a random mix of commands to a worker on this machine's engine, kills it at random instants and at those at "
                + "which the engine tells of a create or a start, and starts another each time. After the last kill all "
                + "commands may end. Then an auditor, a process that shares no code with Dockworker, compares the commands "
                + "acknowledged, the results, the calls that reached the engine, and the containers.",
        "Ends with 0 only if nothing was lost, doubled or out of order, and the engine is as the results say; else with 1. "
                + "Leaves nothing behind."}, footerHeading = "%nExamples:%n", footer = {
                        "  ./dockworker bench chaos --kills 20",
                        "  ./dockworker bench chaos --kills 100 --seed 42 --output json",
                        "  ./dockworker bench chaos --kills 20 --naive      # a worker without the protocol, for contrast",
                        "  ./dockworker bench chaos --kills 20 --evidence /tmp/evidence"})
final class ChaosVerb implements Callable<Integer> {
    private static final ImageName IMAGE = new ImageName("dockworker-chaos:1");
    private static final int MOST_SHOWN = 40;

    @Mixin
    private SettingFlags flags;
    @Mixin
    private Output output;
    @Option(names = "--kills", required = true, paramLabel = "N", description = "how often to kill; one takes about five seconds")
    private int kills;
    @Option(names = "--seed", paramLabel = "S", description = "decides which commands are sent, and when is killed; the time that each step takes it cannot (default: a new one, which is printed)")
    private Long seed;
    @Option(names = "--naive", description = "instead of Dockworker's worker, kill one that does each command and then commits its offset, for contrast")
    private boolean naive;
    @Option(names = "--evidence", paramLabel = "DIR", description = "keep there what the auditor looked at, its report, and the workers' logs")
    private Path evidence;

    @Override
    public Integer call() throws Exception {
        if (kills < 0) {
            throw new Exit.Because(Exit.USAGE, "--kills: write a number from 0 on, not " + kills);
        }
        Map<Setting, String> defaults = new HashMap<>(UpVerb.DEFAULTS);
        defaults.put(Setting.LOG_LEVEL, "warn");
        Settings settings = flags.read(defaults);
        if (!settings.docker().isSocket()) {
            throw new Exit.Because(Exit.CONFIGURATION,
                    "the campaign needs an engine on this machine, at a socket: DOCKER_HOST=unix://…");
        }
        Logging.quiet();
        long chosen = seed == null ? new SecureRandom().nextInt(1_000_000) : seed;
        PrintStream told = output.isJson() ? System.err : System.out;
        var screen = new Screen(told);
        Path data = Files.createTempDirectory("dockworker-chaos-");
        Path own = evidence == null ? Files.createDirectory(data.resolve("campaign")) : fresh(evidence);
        var ending = new Ending();
        screen.title(kills + " kills of " + (naive ? "a naive worker" : "a worker") + ", seed " + chosen);
        try (DockerEngine engine = DemoVerb.free(settings, Worker.connect(settings, new SimpleMeterRegistry()));
                Services services = Services.start(data, 0, 0, notice -> screen.line("", notice));
                LocalImageOf _ = LocalImageOf.build(engine, IMAGE)) {
            long begin = System.nanoTime();
            JsonNode report = Campaign.run(
                    new Campaign.Plan(chosen, kills, naive, Path.of(settings.docker().host().getPath()),
                            IMAGE.given(), services.bootstrapServers(), services.postgresUrl(),
                            settings.host().lockDirectory(), data.resolve("engine.sock"), own),
                    line -> told.println("  " + line));
            long seconds = (System.nanoTime() - begin) / 1_000_000_000;
            if (output.isJson()) {
                ObjectNode json = Json.object().put("seed", chosen).put("kills", kills).put("naive", naive)
                        .put("seconds", seconds);
                json.setAll((ObjectNode) report);
                System.out.println(json.toPrettyString());
            } else {
                show(report, screen, chosen, seconds);
            }
            return report.path("clean").asBoolean() ? Exit.DONE.code : Exit.FAILED.code;
        } catch (Campaign.WorkerFailed e) {
            // No verdict, so not the code of one.
            throw new Exit.Because(Exit.FAULT, e.getMessage());
        } finally {
            try {
                DemoVerb.delete(data);
            } finally {
                ending.closed();
            }
        }
    }

    /** Old evidence must not be taken for new. */
    private static Path fresh(Path directory) throws IOException {
        Path absolute = Files.createDirectories(directory.toAbsolutePath().normalize());
        try (Stream<Path> entries = Files.list(absolute)) {
            if (entries.findAny().isPresent()) {
                throw new Exit.Because(Exit.USAGE, "--evidence: " + absolute + " is not empty");
            }
        }
        return absolute;
    }

    private void show(JsonNode report, Screen screen, long chosen, long seconds) {
        screen.section("What the auditor found");
        var figures = new Table("", "");
        figures.row("commands acknowledged", report.path("commands").asInt() + ", and "
                + report.path("commands_sent_again").asInt() + " of them sent again");
        figures.row("results", report.path("results").asInt() + " " + report.path("statuses"));
        figures.row("ended after a crash", report.path("attempted_again").asInt());
        figures.row("calls that change something", report.path("engine_calls").asInt());
        figures.row("containers at the end", report.path("containers").asInt());
        figures.row("processes that began", report.path("process_runs").asInt());
        figures.lines().stream().skip(1).forEach(line -> System.out.println("  " + line));
        System.out.println();
        report.path("counts").properties().forEach(count -> {
            String kind = count.getKey().replace('_', ' ');
            if (count.getValue().asInt() == 0) {
                screen.good("0", kind);
            } else {
                screen.bad(count.getValue().asText(), kind);
            }
        });
        JsonNode findings = report.path("findings");
        for (int i = 0; i < Math.min(findings.size(), MOST_SHOWN); i++) {
            JsonNode finding = findings.get(i);
            System.out
                    .println("  " + finding.path("kind").asText() + " " + Table.oneLine(finding.path("subject").asText()
                            + ": " + finding.path("text").asText()));
        }
        if (findings.size() > MOST_SHOWN) {
            System.out.println("  … and " + (findings.size() - MOST_SHOWN) + " more: --output json shows all");
        }
        screen.section((report.path("clean").asBoolean() ? "All is as it should be" : "Not all is as it should be")
                + " after " + kills + " kills in " + seconds + " s. Again: ./dockworker bench chaos --kills " + kills
                + " --seed " + chosen + (naive ? " --naive" : ""));
    }

    /** An image of this machine's own programs, which goes at the end. */
    private record LocalImageOf(DockerEngine engine, ImageName name) implements AutoCloseable {
        static LocalImageOf build(DockerEngine engine, ImageName name) throws IOException {
            LocalImage.build(engine, name);
            return new LocalImageOf(engine, name);
        }

        /** What the campaign has come to counts all the same. */
        @Override
        public void close() {
            try {
                LocalImage.remove(engine, name);
            } catch (IOException e) {
                System.err.println("dockworker: the image " + name + " stays: " + e.getMessage());
            }
        }
    }
}
