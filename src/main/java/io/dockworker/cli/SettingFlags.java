package io.dockworker.cli;

import io.dockworker.postgres.PostgresAddress;
import io.dockworker.settings.InvalidSettings;
import io.dockworker.settings.Setting;
import io.dockworker.settings.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** All settings as flags of a verb; its help leaves them out, since there are many. */
@Command
class SettingFlags {
    private static final String KAFKA = "--kafka-";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    /**
     * Lets a verb that reads settings understand each of them as a flag, and those properties of Kafka that are among the
     * arguments; so too the verbs below it.
     */
    static void declare(CommandSpec verb, List<String> arguments) {
        verb.subcommands().values().forEach(below -> declare(below.getCommandSpec(), arguments));
        if (verb.mixins().values().stream().noneMatch(mixin -> mixin.userObject() instanceof SettingFlags)) {
            return;
        }
        Stream<String> table = Stream.of(Setting.values()).flatMap(
                setting -> setting.name().equals("LOG_FILE")
                        ? Stream.of(setting.flag())
                        : Stream.of(setting.flag(), setting.flag() + "-file"));
        Stream<String> properties = arguments.stream().filter(word -> word.startsWith(KAFKA))
                .map(word -> word.contains("=") ? word.substring(0, word.indexOf('=')) : word);
        Stream.concat(table, properties).distinct().filter(flag -> !verb.optionsMap().containsKey(flag))
                .forEach(flag -> verb.addOption(option(flag)));
    }

    private static OptionSpec option(String flag) {
        var option = OptionSpec.builder(flag).type(String.class).hidden(true).paramLabel("VALUE");
        boolean isSwitch = Stream.of(Setting.values())
                .anyMatch(setting -> setting.flag().equals(flag) && setting.form().equals("true or false"));
        // A switch needs no word behind it, and takes none that is not its own.
        return isSwitch ? option.arity("0..1").fallbackValue("true").build() : option.arity("1").build();
    }

    final Settings read(Map<Setting, String> defaults) throws InvalidSettings {
        Settings settings = Settings.read(environment(), flags(), defaults, PostgresAddress::parse);
        settings.warnings().forEach(warning -> System.err.println("dockworker: " + warning));
        Logging.apply(settings.log());
        return settings;
    }

    private List<String> flags() {
        List<String> flags = new ArrayList<>();
        for (ArgSpec argument : verb.commandLine().getParseResult().matchedArgs()) {
            if (argument instanceof OptionSpec option && option.hidden()) {
                Optional.ofNullable(option.<String>getValue())
                        .ifPresent(value -> flags.add(option.longestName() + "=" + value));
            }
        }
        return flags;
    }

    /** Two variables say where `up` and `services` begin to look for ports; to the Kafka clients one of them is none. */
    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.keySet().removeIf(name -> DataOptions.VARIABLES.contains(name.toUpperCase(Locale.ROOT)));
        return environment;
    }
}
