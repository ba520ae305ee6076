package io.dockworker.cli;

import io.dockworker.settings.InvalidSettings;
import io.dockworker.settings.Setting;
import io.dockworker.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Unmatched;

/** All settings as flags: what the verb itself does not know is one of them, or a fault. */
final class SettingFlags {
    @Unmatched
    private List<String> flags = new ArrayList<>();

    Settings read(Map<Setting, String> defaults) throws InvalidSettings {
        Settings settings = Settings.read(System.getenv(), flags, defaults);
        settings.warnings().forEach(warning -> System.err.println("dockworker: " + warning));
        Logging.apply(settings.log());
        return settings;
    }
}
