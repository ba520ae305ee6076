package io.dockworker.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.kafka.Publisher;
import io.dockworker.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What was sent and is no command. */
@Command(name = "dlq", mixinStandardHelpOptions = true, header = "Lists, shows and replays dead letters: records that are no command.", synopsisSubcommandLabel = "list|show|replay", subcommands = {
        DlqVerb.ListVerb.class, DlqVerb.ShowVerb.class,
        DlqVerb.ReplayVerb.class}, footerHeading = "%nExamples:%n", footer = {
                "  ./dockworker dlq list", "  ./dockworker dlq show 2:17", "  ./dockworker dlq replay 2:17"})
final class DlqVerb {
    private DlqVerb() {}

    /** All of them. */
    @Command(name = "list", mixinStandardHelpOptions = true, header = "Lists the dead letters, the latest last.", footerHeading = "%nExamples:%n", footer = {
            "  ./dockworker dlq list", "  ./dockworker dlq list --limit 1000 --output json"})
    static final class ListVerb implements Callable<Integer> {
        @Mixin
        private Client client;
        @Mixin
        private Output output;
        @Option(names = {"-n",
                "--limit"}, paramLabel = "N", defaultValue = "50", description = "the latest N (default: ${DEFAULT-VALUE})")
        private int limit;

        @Override
        public Integer call() throws Exception {
            int most = Given.limit(limit);
            Settings settings = client.settings();
            List<Letter> letters = Letter.all(Client.reachedKafka(settings), settings.topics().prefix());
            List<Letter> shown = letters.subList(Math.max(0, letters.size() - most), letters.size());
            if (output.isJson()) {
                Json.printArray(shown.stream().map(Letter::json).toList());
                return Exit.DONE.code;
            }
            var table = new Table("LETTER", "AT", "CODE", "FROM", "WHY", "VALUE");
            shown.forEach(letter -> table.row(letter.reference(), Times.shown(letter.at()), letter.code(),
                    letter.origin(), letter.message(), letter.beginning()));
            table.print(System.out);
            return Exit.DONE.code;
        }
    }

    /** One of them, whole. */
    @Command(name = "show", mixinStandardHelpOptions = true, header = "Shows a dead letter with its headers and its value as it came.", footerHeading = "%nExamples:%n", footer = {
            "  ./dockworker dlq show 2:17", "  ./dockworker dlq show 2:17 --output json"})
    static final class ShowVerb implements Callable<Integer> {
        @Mixin
        private Client client;
        @Mixin
        private Output output;
        @Parameters(paramLabel = "LETTER", description = "as dlq list names it: partition:offset")
        private String reference;

        @Override
        public Integer call() throws Exception {
            Settings settings = client.settings();
            Letter letter = Letter.one(Client.reachedKafka(settings), settings.topics().prefix(), reference);
            if (output.isJson()) {
                System.out.println(letter.json().toPrettyString());
                return Exit.DONE.code;
            }
            letter.headers().forEach((name, value) -> System.out.println(name + ": " + Table.oneLine(value)));
            System.out.println();
            System.out.println(letter.text());
            return Exit.DONE.code;
        }
    }

    /** Some of them, once more. */
    @Command(name = "replay", mixinStandardHelpOptions = true, header = "Sends dead letters again, each under a new id, since the old one may be spent.", description = {
            "A letter that would only become a dead letter again is not sent; mend its value and use send instead."}, footerHeading = "%nExamples:%n", footer = {
                    "  ./dockworker dlq replay 2:17", "  ./dockworker dlq replay 2:17 0:4 --output json"})
    static final class ReplayVerb implements Callable<Integer> {
        @Mixin
        private Client client;
        @Mixin
        private Output output;
        @Parameters(arity = "1..*", paramLabel = "LETTER", description = "as dlq list names them: partition:offset")
        private List<String> references = new ArrayList<>();

        @Override
        public Integer call() throws Exception {
            Settings settings = client.settings();
            Properties kafka = Client.reachedKafka(settings);
            String prefix = settings.topics().prefix();
            List<Replay> replays = new ArrayList<>();
            for (String reference : references) {
                replays.add(Replay.of(Letter.one(kafka, prefix, reference)));
            }
            try (Publisher publisher = new Publisher(kafka, Duration.ofSeconds(20))) {
                for (Replay replay : replays) {
                    publisher.publish(replay.record(prefix)).get();
                    say(replay);
                }
            } catch (ExecutionException e) {
                throw new Exit.Because(Exit.UNAVAILABLE, "the broker did not acknowledge it: "
                        + e.getCause().getMessage() + "; it may still have been stored");
            }
            return Exit.DONE.code;
        }

        private void say(Replay replay) {
            if (output.isJson()) {
                ObjectNode json = Json.object().put("letter", replay.letter().reference()).put("old_id",
                        replay.oldId());
                System.out.println(json.put("command_id", replay.newId()));
            } else {
                System.out.println(replay.letter().reference() + " was sent again under a new id: " + replay.newId()
                        + (replay.oldId().isEmpty() ? "" : " (before: " + replay.oldId() + ")"));
            }
        }
    }
}
