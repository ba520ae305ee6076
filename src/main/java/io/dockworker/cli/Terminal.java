package io.dockworker.cli;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The terminal at which somebody sits, if standard input and output are one. */
final class Terminal {
    static final String ESCAPE = "\u001b[";
    static final String REST_OF_SCREEN = ESCAPE + "J";
    private static final Size USUAL = new Size(24, 80);
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,3}) ([1-9][0-9]{0,3})\n");

    private Terminal() {}

    /** In characters. */
    record Size(int rows, int columns) {
        /** So much of a line as the terminal has room for. */
        String cut(String line) {
            return line.codePointCount(0, line.length()) <= columns
                    ? line
                    : line.substring(0, line.offsetByCodePoints(0, columns - 1)) + "…";
        }
    }

    static boolean isThere() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    /** As it is now: asked of the terminal, because shells do not hand on their COLUMNS and LINES. */
    static Size size() {
        try {
            Process stty = new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty"))
                    .redirectError(Redirect.DISCARD).start();
            Matcher said = SIZE.matcher(new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            return said.matches()
                    ? new Size(Integer.parseInt(said.group(1)), Integer.parseInt(said.group(2)))
                    : USUAL;
        } catch (IOException _) {
            return USUAL;
        }
    }
}
