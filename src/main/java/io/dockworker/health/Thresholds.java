package io.dockworker.health;

/** From which percentage on a container is worth a warning, or critical. */
public record Thresholds(Limits cpu, Limits memory, Limits disk) {
    public static final Thresholds DEFAULT = new Thresholds(new Limits(80, 95), new Limits(80, 95),
            new Limits(85, 95));

    /** Two percentages, the first below the second. CPU may exceed 100 for a moment. */
    public record Limits(double warning, double critical) {
        public Limits {
            if (!(warning > 0 && warning < critical)) {
                throw new IllegalArgumentException("the warning percentage lies above 0 and below the critical one");
            }
        }
    }
}
