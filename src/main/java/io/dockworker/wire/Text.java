package io.dockworker.wire;

import io.dockworker.command.StorableText;

/** Makes text of strangers fit to be kept and shown. */
final class Text {
    private Text() {}

    /** True where {@link StorableText} has replaced something, or might have. */
    static boolean wasMended(String text) {
        return text.indexOf(StorableText.REPLACEMENT) >= 0;
    }

    /** One line of at most {@code max} characters (and a mark if it was cut), without control characters. */
    static String shown(String text, int max) {
        String line = StorableText.of(text.length() <= max ? text : text.substring(0, max) + "…");
        var shown = new StringBuilder(line.length());
        line.chars().forEach(c -> shown.append(Character.isISOControl(c) ? ' ' : (char) c));
        return StorableText.of(shown.toString());
    }

    static boolean hasControls(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    /** One step of a JSON Pointer (RFC 6901), leading slash included. A very long name is cut. */
    static String step(String name) {
        return "/" + shown(name, 200).replace("~", "~0").replace("/", "~1");
    }
}
