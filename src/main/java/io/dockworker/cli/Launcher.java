package io.dockworker.cli;

import io.dockworker.Worker;
import io.dockworker.settings.InvalidSettings;
import io.dockworker.standalone.Services;
import java.net.BindException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: picks the verb, and turns every end into an exit code and one clear sentence. */
@Command(name = "dockworker", subcommands = {DemoVerb.class, ServicesVerb.class, RunVerb.class,
        UpVerb.class}, synopsisSubcommandLabel = "VERB", usageHelpAutoWidth = true, header = "Runs containers by message: commands from Kafka, executed once against Docker.", footer = {
                "", "Start here:", "  ./dockworker demo      shows everything on this machine, and ends by itself",
                "  ./dockworker up        Kafka, PostgreSQL and a worker, until Ctrl-C",
                "  ./dockworker VERB --help"}, mixinStandardHelpOptions = true, versionProvider = Launcher.VersionOf.class)
public final class Launcher {
    private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);

    private Launcher() {}

    /** Says which version this is. */
    static final class VersionOf implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[]{"dockworker " + Worker.version()};
        }
    }

    /** @return the exit code */
    public static int run(String... arguments) {
        CommandLine line = new CommandLine(new Launcher());
        line.setExecutionExceptionHandler((fault, _, _) -> explain(fault));
        for (String withSettings : new String[]{"run", "up", "demo"}) {
            line.getSubcommands().get(withSettings).setUnmatchedArgumentsAllowed(true);
        }
        if (arguments.length == 0) {
            line.usage(System.out);
            return Exit.USAGE.code;
        }
        return line.execute(arguments);
    }

    private static int explain(Exception fault) {
        if (fault instanceof InterruptedException) {
            // A signal, while something was still being started; all of it is closed by now.
            return Exit.DONE.code;
        }
        Exit exit = switch (fault) {
            case Exit.Because because -> because.exit();
            case InvalidSettings _,Worker.Refused _ -> Exit.CONFIGURATION;
            case Services.NotStarted _,BindException _ -> Exit.UNAVAILABLE;
            default -> Exit.FAULT;
        };
        switch (fault) {
            case InvalidSettings invalid -> {
                System.err.println("dockworker: these settings are wrong:");
                invalid.faults().forEach(one -> System.err.println("  " + one.name() + ": " + one.message()));
            }
            default -> System.err.println("dockworker: " + (exit == Exit.FAULT ? fault : fault.getMessage()));
        }
        if (exit == Exit.FAULT) {
            LOG.error("this is a fault of Dockworker", fault);
        }
        return exit.code;
    }
}
