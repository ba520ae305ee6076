package io.dockworker.settings;

import java.util.Arrays;
import java.util.Optional;

/** Finds the setting that somebody meant. */
final class Spelling {
    /** More slips than this and a guess would be a guess. */
    private static final int MOST_SLIPS = 3;

    private Spelling() {}

    /** The nearest setting's name, if it is near and not equal. */
    static Optional<Setting> nearest(String name) {
        Setting nearest = null;
        int fewest = Math.min(MOST_SLIPS, name.length() / 4) + 1;
        for (Setting setting : Setting.values()) {
            int slips = distance(name, setting.name());
            if (slips > 0 && slips < fewest) {
                fewest = slips;
                nearest = setting;
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** Levenshtein's distance: letters to add, drop or change. */
    private static int distance(String left, String right) {
        var previous = new int[right.length() + 1];
        Arrays.setAll(previous, column -> column);
        for (int row = 1; row <= left.length(); row++) {
            var current = new int[right.length() + 1];
            current[0] = row;
            for (int column = 1; column <= right.length(); column++) {
                int changed = previous[column - 1] + (left.charAt(row - 1) == right.charAt(column - 1) ? 0 : 1);
                current[column] = Math.min(changed, 1 + Math.min(previous[column], current[column - 1]));
            }
            previous = current;
        }
        return previous[right.length()];
    }
}
