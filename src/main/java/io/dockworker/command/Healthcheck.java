package io.dockworker.command;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How the engine finds out whether a container is well. What is empty is as the image has it.
 *
 * @param test {@code ["CMD", program, argument…]}, {@code ["CMD-SHELL", line]}, or {@code ["NONE"]} to switch off the
 *             image's
 */
public record Healthcheck(List<String> test, Optional<Duration> interval, Optional<Duration> timeout,
        OptionalInt retries, Optional<Duration> startPeriod) {
    public static final Healthcheck OF_IMAGE = new Healthcheck(List.of(), Optional.empty(), Optional.empty(),
            OptionalInt.empty(), Optional.empty());

    public Healthcheck {
        test = List.copyOf(test);
        boolean right = test.isEmpty() || switch (test.getFirst()) {
            case "NONE" -> test.size() == 1;
            case "CMD" -> test.size() > 1;
            case "CMD-SHELL" -> test.size() == 2;
            default -> false;
        };
        if (!right) {
            throw new InvalidValue("write a test as [\"CMD\", \"program\", \"argument\"], [\"CMD-SHELL\", \"line\"] "
                    + "or [\"NONE\"]");
        }
        boolean timed = interval.isPresent() || timeout.isPresent() || retries.isPresent() || startPeriod.isPresent();
        if (timed && !test.isEmpty() && test.getFirst().equals("NONE")) {
            throw new InvalidValue("a test of [\"NONE\"] switches the check off: nothing else goes with it");
        }
    }
}
