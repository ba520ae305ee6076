package io.dockworker.command;

/** Text of strangers made fit to be kept: neither UTF-8 nor PostgreSQL can hold every Java string. */
public final class StorableText {
    /** Stands where something could not be kept. */
    public static final char REPLACEMENT = '\uFFFD';

    private StorableText() {}

    /** Replaces NUL and halves of surrogate pairs. */
    public static String of(String text) {
        StringBuilder mended = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (c == 0 || Character.isSurrogate(c)) {
                if (mended == null) {
                    mended = new StringBuilder(text);
                }
                mended.setCharAt(i, REPLACEMENT);
            }
        }
        return mended == null ? text : mended.toString();
    }
}
