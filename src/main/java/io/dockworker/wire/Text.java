package io.dockworker.wire;

/** Makes text of strangers fit to be kept and shown. */
final class Text {
    private static final char REPLACEMENT = '\uFFFD';

    private Text() {}

    /** Replaces NUL and halves of surrogate pairs, which neither UTF-8 nor PostgreSQL can hold. */
    static String storable(String text) {
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

    /** True where {@link #storable} has replaced something, or might have. */
    static boolean wasMended(String text) {
        return text.indexOf(REPLACEMENT) >= 0;
    }

    /** One line of at most {@code max} characters (and a mark if it was cut), without control characters. */
    static String shown(String text, int max) {
        String line = storable(text.length() <= max ? text : text.substring(0, max) + "…");
        var shown = new StringBuilder(line.length());
        line.chars().forEach(c -> shown.append(Character.isISOControl(c) ? ' ' : (char) c));
        return storable(shown.toString());
    }

    static boolean hasControls(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    /** One step of a JSON Pointer (RFC 6901), leading slash included. A very long name is cut. */
    static String step(String name) {
        return "/" + shown(name, 200).replace("~", "~0").replace("/", "~1");
    }
}
