package io.dockworker.http;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.wire.ContentHash;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The commands that went out last, kept until the intake has surely put them on record: between the two, a client may
 * already ask for them, or use what they make.
 */
final class RecentCommands {
    private static final int KEPT = 1_000;

    /** One of them. */
    record Sent(Command command, ContentHash hash) {}

    private final LinkedHashMap<CommandId, Sent> sent = new LinkedHashMap<>();

    /** Takes an id for a command; gives what has it already. The id is free again if the command does not go out. */
    synchronized Optional<Sent> add(Command command, ContentHash hash) {
        Sent earlier = sent.putIfAbsent(command.id(), new Sent(command, hash));
        if (sent.size() > KEPT) {
            sent.pollFirstEntry();
        }
        return Optional.ofNullable(earlier);
    }

    synchronized void remove(CommandId id) {
        sent.remove(id);
    }

    synchronized Optional<Sent> find(CommandId id) {
        return Optional.ofNullable(sent.get(id));
    }

    /** Those of them that give this name to a container. */
    synchronized Set<CommandId> naming(String name) {
        return sent.values().stream().map(Sent::command).filter(command -> switch (command) {
            case Command.Create create -> names(create, name);
            default -> command.newName(0).filter(one -> one.value().equals(name)).isPresent();
        }).map(Command::id).collect(Collectors.toSet());
    }

    private static boolean names(Command.Create create, String name) {
        if (create.count() == 1) {
            return create.memberName(0).value().equals(name);
        }
        String first = create.memberName(1).value();
        String stem = first.substring(0, first.length() - 1);
        return name.startsWith(stem) && name.substring(stem.length()).matches("[1-9][0-9]{0,3}")
                && Integer.parseInt(name.substring(stem.length())) <= create.count();
    }
}
