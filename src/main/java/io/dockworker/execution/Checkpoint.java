package io.dockworker.execution;

/**
 * Named points between the steps of the protocol. In production nothing happens there; fault tests halt the process.
 * The names: {@code intent-committed}, {@code before-call}, {@code after-call}, {@code before-completion},
 * {@code completed}, each with the verb, as in {@code after-call:create}.
 */
@FunctionalInterface
public interface Checkpoint {
    Checkpoint NONE = _ -> {};

    void reached(String point);
}
