package io.dockworker.cli;

import io.dockworker.settings.Setting;
import io.dockworker.settings.Settings;
import io.dockworker.settings.Settings.Origin;
import io.dockworker.settings.Settings.Shown;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The settings that hold. */
@Command(name = "config", mixinStandardHelpOptions = true, header = "Shows every setting, without secrets, and where its value comes from; checks them all.", footerHeading = "%nExamples:%n", footer = {
        "  ./dockworker config", "  HTTP_PORT=9000 ./dockworker config --format env",
        "  ./dockworker config --log-level debug --format json"})
final class ConfigVerb implements Callable<Integer> {
    @Spec
    private CommandSpec spec;
    @Mixin
    private Client client;

    @Option(names = {"--format", "-o",
            "--output"}, paramLabel = "FORM", defaultValue = "table", description = "table, env (NAME=value lines of what is set) or json (default: ${DEFAULT-VALUE})")
    private String format;

    @Override
    public Integer call() throws Exception {
        String form = format.toLowerCase(Locale.ROOT);
        if (!Set.of("table", "env", "json").contains(form)) {
            throw new ParameterException(spec.commandLine(), "--format is table, env or json, not " + format);
        }
        Settings settings = client.settings();
        switch (form) {
            case "env" -> settings.shown().stream().filter(one -> !one.value().isEmpty())
                    .forEach(one -> System.out.println(one.name() + "=" + one.value()));
            case "json" -> Json.printArray(settings.shown().stream().map(one -> Json.object().put("name", one.name())
                    .put("value", one.value()).put("origin", origin(one))).toList());
            default -> {
                var table = new Table("SETTING", "VALUE", "FROM");
                settings.shown().forEach(one -> table.row(one.name(), one.value(), origin(one)));
                table.print(System.out);
            }
        }
        return Exit.DONE.code;
    }

    private String origin(Shown one) {
        boolean fromFile = one.origin() == Origin.DEFAULT
                && client.endpoints().keySet().stream().map(Setting::name).anyMatch(one.name()::equals);
        return fromFile ? client.endpointsFile().toString() : switch (one.origin()) {
            case DEFAULT -> one.value().isEmpty() ? "" : "default";
            case ENVIRONMENT -> "environment";
            case FILE -> "file";
            case FLAG -> "flag";
        };
    }
}
