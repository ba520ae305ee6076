package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.kafka.Publisher;
import io.dockworker.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends commands as an upstream service would. */
@Command(name = "send", mixinStandardHelpOptions = true, header = "Sends commands to the commands topic, and prints their ids.", description = {
        "What a worker would refuse is refused here, in the same words, before anything is sent.",
        "Values are read by the published schema: numbers, true and false where it says so, lists by a repeated KEY "
                + "or as JSON, objects by dots in KEY or as JSON."}, footerHeading = "%nExamples:%n", footer = {
                        "  ./dockworker send create image=nginx:alpine name=web ports.80/tcp=0 env.TZ=UTC --wait",
                        "  ./dockworker send create image=busybox command=sleep command=60 resources.cpu_limit=500m "
                                + "labels.team=x",
                        "  ./dockworker send stop target=web stop_grace_period=5s --wait",
                        "  ./dockworker send remove image=nginx:alpine",
                        "  ./dockworker send -f commands.jsonl",
                        "  echo '{\"type\":\"start\",\"target\":\"web\"}' | ./dockworker send - --wait --output json",
                        "",
                        "Exit codes: 0 sent, or with --wait: all succeeded; 1 one did not; 2 refused here, nothing sent;",
                        "69 no broker, or no result in time; 78 settings."})
final class SendVerb implements Callable<Integer> {
    @Spec
    private CommandSpec spec;
    @Mixin
    private Client client;
    @Mixin
    private Output output;

    @Parameters(arity = "0..*", paramLabel = "TYPE KEY=VALUE", description = "the command's type and fields; - alone reads JSON from standard input")
    private List<String> words = new ArrayList<>();

    @Option(names = {"-f",
            "--file"}, paramLabel = "FILE", description = "one JSON object, an array of them, or JSON lines; - is standard input")
    private String file;

    @Option(names = {"-w",
            "--wait"}, description = "wait for the results and show them; on a terminal also how pulls of their images go on")
    private boolean wait;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "how long to wait (default: a minute beyond the longest deadline of the commands, which is their deadline_seconds, or else 600, for pull 3600)")
    private Long seconds;

    @Override
    public Integer call() throws Exception {
        List<Checked> commands = commands();
        Settings settings = client.settings();
        Properties kafka = Client.reachedKafka(settings);
        String prefix = settings.topics().prefix();
        if (!wait) {
            publish(kafka, prefix, commands);
            commands.forEach(command -> System.out.println(command.id()));
            return Exit.DONE.code;
        }
        boolean bars = !output.isJson() && Terminal.isThere();
        try (var results = new Results(kafka, prefix, commands, bars)) {
            publish(kafka, prefix, commands);
            Duration limit = seconds == null ? patience(commands) : Duration.ofSeconds(seconds);
            return results.show(limit, output.isJson()) ? Exit.DONE.code : Exit.FAILED.code;
        }
    }

    /** Until then a worker may still end them; the minute is for the way there and back. */
    static Duration patience(List<Checked> commands) {
        return commands.stream().map(one -> one.command().deadline()).max(Comparator.naturalOrder())
                .orElse(Duration.ZERO).plusMinutes(1);
    }

    private List<Checked> commands() throws IOException {
        try {
            List<JsonNode> documents = documents();
            List<Checked> commands = new ArrayList<>();
            for (int i = 0; i < documents.size(); i++) {
                commands.add(
                        Checked.of(documents.get(i), documents.size() == 1 ? "" : "command " + (i + 1) + ": "));
            }
            return commands;
        } catch (KeyValues.Unusable e) {
            throw new Exit.Because(Exit.USAGE, e.getMessage());
        }
    }

    private List<JsonNode> documents() throws IOException, KeyValues.Unusable {
        boolean standardInput = (words.equals(List.of("-")) && file == null) || (words.isEmpty() && "-".equals(file));
        if (standardInput) {
            return CommandFile.read(System.in, "standard input");
        }
        if ((file == null && words.isEmpty()) || (file != null && !words.isEmpty())) {
            throw new ParameterException(spec.commandLine(), "give either TYPE KEY=VALUE…, or -f FILE, or -");
        }
        if (file == null) {
            return List.of(KeyValues.command(words.getFirst(), words.subList(1, words.size())));
        }
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return CommandFile.read(in, file);
        } catch (NoSuchFileException _) {
            throw new KeyValues.Unusable("there is no file " + file);
        } catch (IOException e) {
            throw new KeyValues.Unusable(file + " cannot be read: " + e.getMessage());
        }
    }

    private static void publish(Properties kafka, String prefix, List<Checked> commands) throws InterruptedException {
        try (Publisher publisher = new Publisher(kafka, Duration.ofSeconds(20))) {
            for (var sent : commands.stream().map(command -> publisher.publish(command.record(prefix))).toList()) {
                sent.get();
            }
        } catch (ExecutionException e) {
            throw new Exit.Because(Exit.UNAVAILABLE, "the broker did not acknowledge it: "
                    + e.getCause().getMessage() + "; it may still have been stored");
        }
    }
}
