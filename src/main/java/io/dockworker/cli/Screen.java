package io.dockworker.cli;

import java.io.PrintStream;

/** What a person sees: a title, sections, and lines of a word and what there is to say about it. */
final class Screen {
    private static final boolean COLOURS = Terminal.isThere() && System.getenv("NO_COLOR") == null;

    private final PrintStream out;

    Screen(PrintStream out) {
        this.out = out;
    }

    void title(String text) {
        out.println(coloured("1", text));
        out.println();
    }

    void section(String text) {
        out.println();
        out.println(coloured("1", text));
    }

    void line(String word, String text) {
        out.printf("  %-11s %s%n", word, text);
    }

    void good(String word, String text) {
        out.printf("  %s %-9s %s%n", coloured("32", "✔"), word, text);
    }

    void bad(String word, String text) {
        out.printf("  %s %-9s %s%n", coloured("31", "✘"), word, text);
    }

    void verdict(Finding.Verdict verdict, String word, String text) {
        switch (verdict) {
            case OK -> good(word, text);
            case WARNING -> out.printf("  %s %-9s %s%n", coloured("33", "!"), word, text);
            case FAILED -> bad(word, text);
        }
    }

    private static String coloured(String code, String text) {
        return COLOURS ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
