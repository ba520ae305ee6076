package io.dockworker.cli;

import io.dockworker.settings.InvalidSettings;
import io.dockworker.settings.Setting;
import io.dockworker.settings.Settings;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** All settings as flags: what the verb itself does not know is one of them, or a fault. */
@Command
final class SettingFlags {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    Settings read(Map<Setting, String> defaults) throws InvalidSettings {
        Settings settings = Settings.read(System.getenv(), verb.commandLine().getUnmatchedArguments(), defaults);
        settings.warnings().forEach(warning -> System.err.println("dockworker: " + warning));
        Logging.apply(settings.log());
        return settings;
    }
}
