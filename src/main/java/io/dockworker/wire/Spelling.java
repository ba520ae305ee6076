package io.dockworker.wire;

import java.util.stream.Stream;

/** What somebody may have meant who wrote a name that does not exist. */
public final class Spelling {
    private Spelling() {}

    /** As in {@code ; did you mean `limit`?}, to be put behind a complaint; empty where no known name is near. */
    public static String guess(String written, Stream<String> known) {
        return FieldNames.guess(written, known);
    }
}
