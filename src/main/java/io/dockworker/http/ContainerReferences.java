package io.dockworker.http;

import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.http.ContainerView.Lookup;
import io.dockworker.http.ContainerView.ViewUnavailable;
import io.dockworker.journal.ManagedContainer;

/** Turns what a path says into a container, or into the reason why it cannot. */
final class ContainerReferences {
    private ContainerReferences() {}

    static ManagedContainer require(ContainerView containers, String reference) throws Refused, ViewUnavailable {
        return switch (containers.find(reference)) {
            case Lookup.Found(var managed) -> managed;
            case Lookup other -> throw refusal(reference, other);
        };
    }

    static Refused refusal(String reference, Lookup lookup) {
        return new Refused(switch (lookup) {
            case Lookup.NotManaged() -> Reply.problem(403, Failure.at("/target", ErrorCode.NOT_MANAGED,
                    "\"" + reference + "\" was not made by Dockworker: it has no label managed-by."));
            case Lookup.Ambiguous() -> Reply.problem(400, Failure.at("/target", ErrorCode.AMBIGUOUS_TARGET,
                    "Several containers' ids begin with \"" + reference + "\"; give more digits."));
            case Lookup.NotFound(),Lookup.Found _ -> Reply.problem(404, Failure.at("/target", ErrorCode.NOT_FOUND,
                    "No managed container is called \"" + reference + "\"."));
        });
    }
}
