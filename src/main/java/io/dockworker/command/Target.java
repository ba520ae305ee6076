package io.dockworker.command;

import java.util.regex.Pattern;

/** What a command is about. */
public sealed interface Target {
    /** One container: a name, a full id, or an unambiguous prefix of an id of at least twelve digits. */
    record One(String reference) implements Target {
        private static final Pattern SHAPE = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");

        public One {
            if (!SHAPE.matcher(reference).matches()) {
                throw new InvalidValue("a target is a container's name, its id, or at least 12 digits of its id");
            }
        }
    }

    /** Every managed container of the image at the time of acceptance. */
    record AllOf(ImageName image) implements Target {}
}
