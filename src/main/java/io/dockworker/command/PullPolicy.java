package io.dockworker.command;

/** When a create asks the registry for its image. */
public enum PullPolicy {
    MISSING, ALWAYS, NEVER
}
