package io.dockworker.health;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the small text files of {@code /sys/fs/cgroup} and {@code /proc}. One buffer serves a whole sweep: what a sweep
 * costs is its system calls.
 */
final class KernelFiles {
    /** Beyond this the JDK reads through memory that it allocates for each call. */
    private static final int CHUNK = 8192;

    private byte[] buffer = new byte[CHUNK];

    /** The content; empty where the file is not there, not readable, or its cgroup vanished while it was read. */
    Optional<String> text(String path) {
        try (var in = new FileInputStream(path)) {
            int length = 0;
            int read;
            while ((read = in.read(buffer, length, Math.min(CHUNK, buffer.length - length))) > 0) {
                length += read;
                if (length == buffer.length) {
                    buffer = Arrays.copyOf(buffer, length * 2);
                }
            }
            return Optional.of(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /** The number that the file begins with. */
    OptionalLong number(String path) {
        try (var in = new FileInputStream(path)) {
            return number(buffer, in.read(buffer, 0, CHUNK));
        } catch (IOException _) {
            return OptionalLong.empty();
        }
    }

    /** The number behind a word that begins a line, as in {@code inactive_file 4096}. */
    static OptionalLong field(String text, String word) {
        int at = text.startsWith(word + " ") ? 0 : text.indexOf("\n" + word + " ") + 1;
        return at == 0 && !text.startsWith(word + " ")
                ? OptionalLong.empty()
                : leadingNumber(text, at + word.length() + 1);
    }

    /** The number that begins at this place. */
    static OptionalLong leadingNumber(String text, int from) {
        int end = from;
        while (end < text.length() && Character.digit(text.charAt(end), 10) >= 0) {
            end++;
        }
        // Eighteen digits always fit.
        return end == from || end - from > 18
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(text, from, end, 10));
    }

    private static OptionalLong number(byte[] bytes, int length) {
        return length <= 0
                ? OptionalLong.empty()
                : leadingNumber(new String(bytes, 0, length, StandardCharsets.ISO_8859_1), 0);
    }
}
