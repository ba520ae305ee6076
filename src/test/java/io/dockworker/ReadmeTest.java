package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.settings.Setting;
import io.dockworker.wire.CommandDecoder;
import io.dockworker.wire.Decoded;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** README.md says what is so: its commands, its table of settings, the tests and files that it names. */
final class ReadmeTest {
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+(?:Test|IT))`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

    @Test
    void everyCommandInItIsOneThatTheDecoderAccepts() {
        Stream<String> inShell = Readme.blocks("bash").stream().flatMap(block -> block.text().lines())
                .filter(line -> line.startsWith("{"));
        Stream<String> apart = Readme.blocks("json").stream().map(Readme.Block::text);
        List<String> commands = Stream.concat(inShell, apart).toList();
        assertFalse(commands.isEmpty());
        for (String command : commands) {
            Decoded decoded = new CommandDecoder().decode(command.getBytes(StandardCharsets.UTF_8), Map.of(), "made");
            assertInstanceOf(Decoded.Accepted.class, decoded, () -> command + "\n" + decoded);
        }
    }

    @Test
    void itsTableOfSettingsIsTheProgramsOwn() {
        List<String> rows = Readme.lines().stream().dropWhile(line -> !line.equals("## Settings"))
                .dropWhile(line -> !line.startsWith("|---")).skip(1).takeWhile(line -> line.startsWith("|")).toList();
        assertEquals(String.join("\n", Stream.of(Setting.values()).map(ReadmeTest::row).toList()),
                String.join("\n", rows));
    }

    private static String row(Setting setting) {
        String standard = setting.isRequired() ? "required" : "`" + setting.standard() + "`";
        return "| `" + setting.name() + "` |" + (standard.equals("``") ? "" : " " + standard) + " | "
                + setting.meaning() + " |";
    }

    @Test
    void everyTestAndFileItNamesExists() throws IOException {
        Set<String> tests;
        try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
            tests = files.map(file -> file.getFileName().toString().replaceFirst("\\.java$", ""))
                    .collect(Collectors.toSet());
        }
        String text = String.join("\n", Readme.lines());
        TEST.matcher(text).results().map(match -> match.group(1))
                .forEach(name -> assertTrue(tests.contains(name), name));
        LINK.matcher(text).results().map(match -> match.group(1))
                .forEach(link -> assertTrue(Files.exists(Readme.FILE.resolveSibling(link)), link));
    }
}
