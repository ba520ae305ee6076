package io.dockworker.wire;

import io.dockworker.command.InvalidValue;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Words of which one is to be chosen. */
final class Words {
    private Words() {}

    /** @throws InvalidValue that names them all */
    static <E extends Enum<E>> E parse(String text, E[] values) {
        return Stream.of(values).filter(value -> value.toString().equals(text)).findFirst()
                .orElseThrow(() -> new InvalidValue("write one of " + Stream.of(values)
                        .map(value -> "\"" + value + "\"").collect(Collectors.joining(", "))));
    }
}
