package io.dockworker.cli;

import io.dockworker.kafka.TopicReader;
import io.dockworker.settings.Settings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks on. */
@Command(name = "watch", mixinStandardHelpOptions = true, header = "Shows the fleet live, from the topics: containers, what they use, results and events, until Ctrl-C.", description = {
        "On a terminal a table that changes; elsewhere, or with --plain, a line for each message: results, events, pull "
                + "progress and health samples from now on."}, footerHeading = "%nExamples:%n", footer = {
                        "  ./dockworker watch", "  ./dockworker watch --plain | grep -v '  health  '",
                        "  ./dockworker watch --output json > messages.jsonl"})
final class WatchVerb implements Callable<Integer> {
    private static final Duration TURN = Duration.ofMillis(250);

    @Mixin
    private Client client;
    @Mixin
    private Output output;

    @Option(names = "--plain", description = "lines, also on a terminal")
    private boolean plain;

    @Override
    public Integer call() throws Exception {
        Settings settings = client.settings();
        String prefix = settings.topics().prefix();
        var ending = new Ending();
        boolean live = !plain && !output.isJson() && Terminal.isThere();
        Display display = live
                ? new WatchBoard(System.out, InstantSource.system(), Terminal::size)
                : new WatchLines(System.out, output.isJson());
        // The board begins with what the compacted topic remembers.
        List<String> now = live
                ? List.of(prefix + "results", prefix + "events", prefix + "health")
                : List.of(prefix + "results", prefix + "events", prefix + "health", prefix + "state");
        ending.isAsked();
        try (TopicReader reader = new TopicReader(Client.reachedKafka(settings), now,
                live ? List.of(prefix + "state") : List.of())) {
            display.begin();
            // Whoever read the lines may have gone.
            while (!ending.isAsked() && !System.out.checkError()) {
                for (TopicReader.Read read : reader.poll(TURN)) {
                    display.take(read.topic().substring(prefix.length()), read);
                }
                display.show();
            }
        } finally {
            display.end();
            ending.closed();
        }
        return Exit.DONE.code;
    }

    /** What is seen of it. */
    interface Display {
        /** Once reading has begun. */
        void begin();

        /** @param topic without the prefix */
        void take(String topic, TopicReader.Read read);

        /** After each look at the topics. */
        void show();

        void end();
    }
}
