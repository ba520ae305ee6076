package io.dockworker.journal;

import io.dockworker.command.CommandId;

/**
 * Names one piece of work: a command, or its part for one container.
 *
 * @param child 0 for the command itself, from 1 for its parts
 */
public record WorkKey(CommandId command, int child) implements Comparable<WorkKey> {
    @Override
    public int compareTo(WorkKey other) {
        int byCommand = command.compareTo(other.command);
        return byCommand != 0 ? byCommand : Integer.compare(child, other.child);
    }

    @Override
    public String toString() {
        return child == 0 ? command.value() : command.value() + "#" + child;
    }
}
