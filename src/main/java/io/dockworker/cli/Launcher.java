package io.dockworker.cli;

import io.dockworker.Worker;
import io.dockworker.command.InvalidValue;
import io.dockworker.docker.EngineAway;
import io.dockworker.journal.Unavailable;
import io.dockworker.kafka.BrokerAway;
import io.dockworker.settings.InvalidSettings;
import io.dockworker.settings.Setting;
import io.dockworker.standalone.Services;
import java.net.BindException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: picks the verb, and turns every end into an exit code and one clear sentence. */
@Command(name = "dockworker", synopsisSubcommandLabel = "VERB", usageHelpAutoWidth = true, header = "Runs containers by message: commands from Kafka, executed once against Docker.", footer = {
        "  test            Runs every test; see ./dockworker test --help.", "", "Start here:",
        "  ./dockworker demo      shows everything on this machine, and ends by itself",
        "  ./dockworker up        Kafka, PostgreSQL and a worker, until Ctrl-C",
        "  ./dockworker VERB --help", "",
        "Every setting is a variable of the environment, or the same as a flag (HTTP_PORT, --http-port; README.md lists",
        "them). The verbs from health-monitor on find what `up` or `services` run in this directory by themselves,",
        "unless the environment or a flag says otherwise (.dockworker/endpoints.env; --data DIR for another place).",
        "",
        "Exit codes: 0 done, 1 the command failed, 2 wrong usage, 69 a dependency is unavailable, 70 a fault of",
        "Dockworker, 78 wrong settings."}, mixinStandardHelpOptions = true, versionProvider = Launcher.VersionOf.class)
public final class Launcher {
    /** In the order in which the help shows them. */
    private static final Map<String, Class<?>> VERBS = verbs();

    private Launcher() {}

    private static Map<String, Class<?>> verbs() {
        Map<String, Class<?>> verbs = new LinkedHashMap<>();
        verbs.put("demo", DemoVerb.class);
        verbs.put("up", UpVerb.class);
        verbs.put("services", ServicesVerb.class);
        verbs.put("run", RunVerb.class);
        verbs.put("health-monitor", HealthMonitorVerb.class);
        verbs.put("send", SendVerb.class);
        verbs.put("watch", WatchVerb.class);
        verbs.put("ps", PsVerb.class);
        verbs.put("events", EventsVerb.class);
        verbs.put("logs", LogsVerb.class);
        verbs.put("dlq", DlqVerb.class);
        verbs.put("topics", TopicsVerb.class);
        verbs.put("doctor", DoctorVerb.class);
        verbs.put("config", ConfigVerb.class);
        verbs.put("bench", BenchVerb.class);
        return verbs;
    }

    /** Says which version this is. */
    static final class VersionOf implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[]{"dockworker " + Worker.version()};
        }
    }

    /** @return the exit code */
    public static int run(String... arguments) {
        CommandLine line = line(arguments);
        if (arguments.length == 0) {
            line.usage(System.out);
            return Exit.USAGE.code;
        }
        return line.execute(arguments);
    }

    /** With the one verb that is wanted, if it can be told: reading the others' options takes time. */
    static CommandLine line(String... arguments) {
        var line = new CommandLine(new Launcher());
        Class<?> wanted = arguments.length == 0 ? null : VERBS.get(arguments[0]);
        if (wanted == null) {
            VERBS.forEach(line::addSubcommand);
        } else {
            line.addSubcommand(arguments[0], wanted);
        }
        line.getSubcommands().values()
                .forEach(verb -> SettingFlags.declare(verb.getCommandSpec(), List.of(arguments)));
        // As they are: an example that was broken into lines cannot be pasted.
        keepExamplesWhole(line);
        line.setExecutionExceptionHandler((fault, _, _) -> explain(fault));
        line.setParameterExceptionHandler((fault, _) -> explain(fault));
        return line;
    }

    private static void keepExamplesWhole(CommandLine verb) {
        verb.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_FOOTER, Launcher::footer);
        verb.getSubcommands().values().forEach(Launcher::keepExamplesWhole);
    }

    private static String footer(CommandLine.Help help) {
        return String.join(System.lineSeparator(), help.commandSpec().usageMessage().footer()) + System.lineSeparator();
    }

    private static int explain(ParameterException fault) {
        var err = fault.getCommandLine().getErr();
        boolean noVerb = fault instanceof UnmatchedArgumentException unknown
                && fault.getCommandLine().getParent() == null && !unknown.getUnmatched().getFirst().startsWith("-");
        err.println("dockworker: " + (noVerb
                ? "there is no verb " + ((UnmatchedArgumentException) fault).getUnmatched().getFirst()
                : fault.getMessage()));
        if (fault instanceof UnmatchedArgumentException unmatched) {
            unmatched.getUnmatched().stream().filter(word -> word.startsWith("--")).forEach(word -> {
                Optional<Setting> meant = Setting.meantBy(word.replaceFirst("=.*", ""));
                meant.ifPresent(setting -> err.println("  did you mean " + setting.flag() + "?"));
            });
            UnmatchedArgumentException.printSuggestions(fault, err);
        }
        err.println("Try: ./" + fault.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return Exit.USAGE.code;
    }

    private static int explain(Exception fault) {
        if (fault instanceof InterruptedException) {
            // A signal, while something was still being started; all of it is closed by now.
            return Exit.DONE.code;
        }
        Exit exit = switch (fault) {
            case Exit.Because because -> because.exit();
            case InvalidSettings _,Worker.Refused _,InvalidValue _ -> Exit.CONFIGURATION;
            case Services.NotStarted _,BindException _,Unavailable _,BrokerAway _,EngineAway _ -> Exit.UNAVAILABLE;
            default -> Exit.FAULT;
        };
        switch (fault) {
            case InvalidSettings invalid -> {
                System.err.println("dockworker: these settings are wrong:");
                invalid.faults().forEach(one -> System.err.println("  " + one.name() + ": " + one.message()));
                if (invalid.faults().stream().anyMatch(one -> one.name().equals("KAFKA_BOOTSTRAP_SERVERS")
                        || one.name().equals("POSTGRES_URL"))) {
                    System.err.println("  To have both on this machine, and a worker: ./dockworker up");
                }
            }
            default -> System.err.println("dockworker: " + (exit == Exit.FAULT ? fault : fault.getMessage()));
        }
        if (exit == Exit.FAULT) {
            LoggerFactory.getLogger(Launcher.class).error("this is a fault of Dockworker", fault);
        }
        return exit.code;
    }
}
