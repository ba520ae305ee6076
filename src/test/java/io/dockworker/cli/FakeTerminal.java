package io.dockworker.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What somebody would see on a terminal to which this was written. Knows the few controls that are used here. */
public final class FakeTerminal {
    private static final Pattern PIECE = Pattern.compile("\u001b\\[(\\??[0-9]*)([A-Za-z])|[^\u001b]",
            Pattern.DOTALL);

    private final int rows;
    private final int columns;
    private final List<StringBuilder> usual;
    private List<StringBuilder> screen;
    private boolean other;
    private int row;
    private int column;
    private boolean cursor = true;
    private boolean wraps = true;

    public FakeTerminal(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        usual = blank();
        screen = usual;
    }

    /** Of one that was new before this was written. */
    public static FakeTerminal after(int rows, int columns, String written) {
        var terminal = new FakeTerminal(rows, columns);
        terminal.write(written);
        return terminal;
    }

    private List<StringBuilder> blank() {
        return new ArrayList<>(Collections.nCopies(rows, "").stream().map(StringBuilder::new).toList());
    }

    /** Without what ends it in the middle of a control. */
    public void write(String written) {
        Matcher piece = PIECE.matcher(written);
        while (piece.find()) {
            if (piece.group(2) == null) {
                put(piece.group().charAt(0));
            } else {
                control(piece.group(1), piece.group(2));
            }
        }
    }

    private void put(char one) {
        switch (one) {
            case '\r' -> column = 0;
            case '\n' -> next();
            default -> {
                if (column == columns && wraps) {
                    column = 0;
                    next();
                }
                column = Math.min(column, columns - 1);
                StringBuilder line = screen.get(row);
                line.append(" ".repeat(Math.max(0, column + 1 - line.length()))).setCharAt(column, one);
                column++;
            }
        }
    }

    private void next() {
        if (row < rows - 1) {
            row++;
        } else {
            screen.removeFirst();
            screen.add(new StringBuilder());
        }
    }

    private void control(String which, String what) {
        switch (which + what) {
            case "H" -> {
                row = 0;
                column = 0;
            }
            case "K" -> eraseLine();
            case "J" -> {
                eraseLine();
                screen.subList(row + 1, rows).forEach(line -> line.setLength(0));
            }
            case "?1049h", "?1049l" -> {
                other = what.equals("h");
                screen = other ? blank() : usual;
            }
            case "?25h", "?25l" -> cursor = what.equals("h");
            case "?7h", "?7l" -> wraps = what.equals("h");
            default -> {
                if (!what.equals("F")) {
                    throw new AssertionError("what is ESC [ " + which + what + "?");
                }
                row = Math.max(0, row - Integer.parseInt(which));
                column = 0;
            }
        }
    }

    /** With the letter under the cursor, which after a line's last letter is that letter. */
    private void eraseLine() {
        StringBuilder line = screen.get(row);
        line.setLength(Math.min(line.length(), Math.min(column, columns - 1)));
    }

    /** What stands on it, without the empty lines at its end. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>(screen.stream().map(line -> line.toString().stripTrailing()).toList());
        while (!lines.isEmpty() && lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        return lines;
    }

    /** Whether it is as a shell leaves it to a program and expects it back. */
    public boolean isUsual() {
        return !other && cursor && wraps;
    }
}
