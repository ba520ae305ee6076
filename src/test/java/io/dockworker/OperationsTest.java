package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class OperationsTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\| [A-Z]");

    /** Who looks for what stands in the log must find it on the page, letter for letter. */
    @Test
    void whatTheTroubleshootingQuotesIsSaidSo() throws IOException {
        var sources = new StringBuilder();
        try (Stream<Path> files = Files.walk(Readme.FILE.resolveSibling("src/main/java"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).sorted().toList()) {
                sources.append(Files.readString(file));
            }
        }
        String said = sources.toString().replaceAll("\"\\s*\\+\\s*\"", "").replaceAll("[{][}]|\" \\+ \\w+ \\+ \"", "");
        Matcher rows = ROW.matcher(Files.readString(Readme.FILE.resolveSibling("docs/OPERATIONS.md")));
        List<String> unknown = new ArrayList<>();
        int quoted = 0;
        while (rows.find()) {
            quoted++;
            if (!said.contains(rows.group(1))) {
                unknown.add(rows.group(1));
            }
        }
        assertTrue(quoted > 10, "rows");
        assertEquals(List.of(), unknown);
    }
}
