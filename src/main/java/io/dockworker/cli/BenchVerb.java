package io.dockworker.cli;

import picocli.CommandLine.Command;

/** What puts a worker to the test. */
@Command(name = "bench", mixinStandardHelpOptions = true, header = "Puts a worker to the test on this machine, with Kafka and PostgreSQL of its own.", synopsisSubcommandLabel = "chaos", subcommands = ChaosVerb.class, footerHeading = "%nExamples:%n", footer = {
        "  ./dockworker bench chaos --kills 20"})
final class BenchVerb {
    private BenchVerb() {}
}
