package io.dockworker.command;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The signals of Linux, read from {@code SIGTERM}, {@code TERM} or {@code 15} into the first form. */
public final class Signals {
    /** By number, from 1 (signal(7), x86 and ARM). */
    private static final List<String> NAMES = List.of("HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL",
            "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
            "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");
    private static final Pattern REAL_TIME = Pattern
            .compile("RTMIN(?:\\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?");

    private Signals() {}

    /**
     * Reads a signal.
     *
     * @return as in {@code SIGTERM}
     * @throws InvalidValue if Linux has no such signal
     */
    public static String parse(String text) {
        String word = text.toUpperCase(Locale.ROOT);
        if (word.matches("[0-9]{1,2}")) {
            int number = Integer.parseInt(word);
            if (number >= 1 && number <= NAMES.size()) {
                return "SIG" + NAMES.get(number - 1);
            }
        }
        String name = word.startsWith("SIG") ? word.substring(3) : word;
        if (NAMES.contains(name) || REAL_TIME.matcher(name).matches()) {
            return "SIG" + name;
        }
        throw new InvalidValue("write a signal of Linux, as in \"SIGTERM\", \"TERM\" or \"15\"");
    }
}
