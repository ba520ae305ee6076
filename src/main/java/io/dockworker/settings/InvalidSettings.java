package io.dockworker.settings;

import java.util.List;
import java.util.stream.Collectors;

/** The settings cannot be used. Carries every fault, so that they can be mended in one go; the process exits 78. */
public final class InvalidSettings extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Fault> faults;

    /**
     * One fault.
     *
     * @param name    the variable or flag as it was written
     * @param message what is wrong and how to mend it; never holds a secret
     */
    public record Fault(String name, String message) {
        @Override
        public String toString() {
            return name + ": " + message;
        }
    }

    InvalidSettings(List<Fault> faults) {
        super(faults.stream().map(Fault::toString).collect(Collectors.joining("; ")));
        this.faults = List.copyOf(faults);
    }

    public List<Fault> faults() {
        return faults;
    }
}
