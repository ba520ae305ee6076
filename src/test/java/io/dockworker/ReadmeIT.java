package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs every shell block of README.md as it stands there: those of one section in one shell, as somebody would paste
 * them. The directory is empty but for the launcher, so that nobody's {@code .dockworker/} is touched.
 */
final class ReadmeIT {
    /** This one runs the tests; from a test it would never end. */
    private static final String TESTS = "./dockworker test\n";
    private static final long LIMIT_SECONDS = 240;
    /** A block that fails must not leave behind what an earlier one started. */
    private static final String AT_THE_END = "trap 'jobs -p | xargs -r kill || true; wait || true' EXIT\n";

    private static final Pattern VERB = Pattern.compile("\\./dockworker ([a-z-]+( [a-z]+)?)");

    private static TestImage image;

    /** Where a registry answers, the engine has it from there; here it is one of our own under its name. */
    @BeforeAll
    static void start() throws Exception {
        image = new TestImage("nginx:alpine");
    }

    @AfterAll
    static void stop() throws Exception {
        image.close();
    }

    @Test
    void theTwoCommandsStandInIt() {
        List<String> blocks = Readme.blocks("bash").stream().map(Readme.Block::text).toList();
        assertTrue(blocks.contains("./dockworker demo\n"));
        assertTrue(blocks.contains(TESTS));
    }

    @TestFactory
    List<DynamicTest> everyShellBlockRunsAsPasted(@TempDir Path parent) throws IOException {
        Map<String, StringBuilder> sections = new LinkedHashMap<>();
        for (Readme.Block block : Readme.blocks("bash")) {
            if (!block.text().equals(TESTS)) {
                sections.computeIfAbsent(block.section(), _ -> new StringBuilder())
                        .append("echo '--- README.md, line ").append(block.line()).append("'\n").append(block.text());
            }
        }
        Path directory = Files.createDirectory(parent.resolve("as pasted"));
        Files.createSymbolicLink(directory.resolve("dockworker"), Readme.FILE.resolveSibling("dockworker"));
        return sections.entrySet().stream().map(section -> DynamicTest.dynamicTest(section.getKey(),
                () -> run(directory, section.getValue().toString()))).toList();
    }

    private static void run(Path directory, String script) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        var builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", AT_THE_END + script)
                .directory(directory.toFile())
                .redirectInput(Path.of("/dev/null").toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        // A worker that somebody runs on this machine keeps its engine.
        builder.environment().put("LOCK_DIR", directory.resolve("lock").toString());
        builder.environment().put("HOST_ID", "readme");
        Process shell = builder.start();
        try {
            VERB.matcher(script).results().forEach(verb -> Coverage.sawVerb(List.of(verb.group(1).split(" "))));
            boolean ended = shell.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertTrue(ended, () -> "still running after " + LIMIT_SECONDS + " s" + said(directory));
            assertEquals(0, shell.exitValue(), () -> said(directory));
        } finally {
            List<ProcessHandle> rest = shell.descendants().toList();
            shell.destroyForcibly();
            rest.forEach(ProcessHandle::destroy);
            for (ProcessHandle process : rest) {
                process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
            }
        }
    }

    /** What the blocks wrote, and what the background processes did. */
    private static String said(Path directory) {
        var text = new StringBuilder();
        for (String name : List.of("output", ".dockworker/up.log", ".dockworker/services.log", ".dockworker/run.log")) {
            Path file = directory.resolve(name);
            try {
                if (Files.exists(file)) {
                    text.append("\n=== ").append(name).append('\n').append(Files.readString(file));
                }
            } catch (IOException e) {
                text.append("\n=== ").append(e);
            }
        }
        return text.toString();
    }
}
