package io.dockworker.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Lines in columns, as wide as what stands in them. */
final class Table {
    private static final String GAP = "   ";

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... headings) {
        rows.add(List.of(headings));
    }

    void row(Object... cells) {
        rows.add(Stream.of(cells).map(cell -> oneLine(String.valueOf(cell))).toList());
    }

    void print(PrintStream out) {
        lines().forEach(out::println);
    }

    List<String> lines() {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int column = 0; column < row.size(); column++) {
                widths[column] = Math.max(widths[column], width(row.get(column)));
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                line.append(cell);
                if (column < row.size() - 1) {
                    line.append(" ".repeat(widths[column] - width(cell))).append(GAP);
                }
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** How long one cell may be where a line has to fit. */
    static int widest(int columns) {
        return Math.max(20, columns / 4);
    }

    /** Both ends of what is too long: names differ in the last letters. */
    static String shortened(String cell, int widest) {
        int width = width(cell);
        int head = widest / 2;
        return width <= widest
                ? cell
                : cell.substring(0, cell.offsetByCodePoints(0, head)) + "…"
                        + cell.substring(cell.offsetByCodePoints(0, width - (widest - head - 1)));
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }

    /** Text of strangers: it may neither break the line nor speak to the terminal. */
    static String oneLine(String text) {
        return text.codePoints().map(point -> Character.isISOControl(point) ? ' ' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }
}
