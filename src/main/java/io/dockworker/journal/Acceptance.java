package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import io.dockworker.command.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides, without touching the database, which lane each command of a batch joins. It sees what the transaction has
 * read, and lanes that earlier commands of the same batch have opened.
 */
final class Acceptance {
    /** The shortest prefix of a container's id that counts as one. */
    static final int MIN_PREFIX = 12;

    /** Where a piece of work goes. */
    record Placed(WorkKey key, Incoming.Valid source, LaneRow lane) {}

    /**
     * A command that ends here, without execution.
     *
     * @param host of the container that it was about, where there is one
     */
    record Ended(Incoming.Valid source, Optional<HostId> host, Outcome outcome) {
        Ended(Incoming.Valid source, Outcome outcome) {
            this(source, Optional.empty(), outcome);
        }
    }

    private final HostId self;
    private final Placement placement;
    private final Set<String> hosts;
    private final Map<String, LaneRow> byName;
    private final Map<String, LaneRow> byContainer;
    private final Map<String, List<LaneRow>> byPrefix;
    private final Map<String, List<LaneRow>> byImage;
    private long nextTemporary = -1;

    final List<Placed> placed = new ArrayList<>();
    final List<Ended> ended = new ArrayList<>();
    final Map<Incoming.Valid, Integer> parents = new LinkedHashMap<>();
    /** Lanes opened by this batch, under negative numbers until the database gives them theirs. */
    final List<LaneRow> opened = new ArrayList<>();
    /** Also those that the lanes had: a command that ends at this moment may give them back. */
    final Map<String, LaneRow> namesTaken = new LinkedHashMap<>();

    Acceptance(HostId self, Placement placement, Set<String> hosts, Map<String, LaneRow> byName,
            Map<String, LaneRow> byContainer,
            Map<String, List<LaneRow>> byPrefix, Map<String, List<LaneRow>> byImage) {
        this.self = self;
        this.placement = placement;
        this.hosts = hosts;
        this.byName = byName;
        this.byContainer = byContainer;
        this.byPrefix = byPrefix;
        this.byImage = byImage;
    }

    void accept(Incoming.Valid incoming) {
        Command command = incoming.command();
        Optional<HostId> pin = command.header().host();
        if (pin.isPresent() && !hosts.contains(pin.get().value())) {
            end(incoming, Outcome.Status.REJECTED, Failure.at("/host", ErrorCode.UNKNOWN_HOST,
                    "no host " + pin.get() + " has ever reported; the hosts topic lists those that have"));
            return;
        }
        switch (command) {
            case Command.Create create -> acceptCreate(incoming, create);
            case Command.Aimed aimed -> acceptTarget(incoming, aimed.target());
            // It concerns no container, so it waits for none.
            case Command.Pull _ -> placed.add(new Placed(new WorkKey(command.id(), 0), incoming,
                    open(pin.orElse(self), "")));
            case Command.Cancel cancel -> throw new IllegalArgumentException(
                    "cancellations are dealt with before: " + cancel.id());
        }
    }

    private void acceptCreate(Incoming.Valid incoming, Command.Create create) {
        boolean several = create.count() > 1;
        List<Placed> members = new ArrayList<>();
        for (int member = 1; member <= create.count(); member++) {
            int child = several ? member : 0;
            String name = create.memberName(child).value();
            LaneRow lane = byName.get(name);
            if (lane != null && create.header().host().isPresent()
                    && !lane.host().equals(create.header().host().get().value())) {
                fail(incoming, lane, Failure.at("/name", ErrorCode.NAME_CONFLICT,
                        "the name " + name + " is held by a container on host " + lane.host()));
                return;
            }
            members.add(new Placed(new WorkKey(create.id(), child), incoming, lane));
        }
        if (several) {
            parents.put(incoming, create.count());
        }
        for (Placed member : members) {
            LaneRow lane = member.lane();
            if (lane == null) {
                ContainerName name = create.memberName(member.key().child());
                lane = open(create.header().host().orElseGet(placement::next), create.spec().image().normal());
                byName.put(name.value(), lane);
            }
            namesTaken.put(create.memberName(member.key().child()).value(), lane);
            placed.add(new Placed(member.key(), incoming, lane));
        }
    }

    private void acceptTarget(Incoming.Valid incoming, Target target) {
        switch (target) {
            case Target.One one -> acceptOne(incoming, one);
            case Target.AllOf all -> acceptAll(incoming, all.image().normal());
        }
    }

    private void acceptOne(Incoming.Valid incoming, Target.One one) {
        Set<LaneRow> found = resolve(one.reference());
        if (found.size() > 1) {
            end(incoming, Outcome.Status.FAILED, Failure.at("/target", ErrorCode.AMBIGUOUS_TARGET,
                    one.reference() + " is the beginning of " + found.size() + " container ids; write more digits"));
            return;
        }
        Command command = incoming.command();
        Optional<HostId> pin = command.header().host();
        // No lane bears this reference. Its host still looks, to tell a container that is not ours from none at all.
        LaneRow lane = found.isEmpty() ? open(pin.orElse(self), "") : found.iterator().next();
        if (pin.isPresent() && !lane.host().equals(pin.get().value())) {
            fail(incoming, lane, Failure.at("/target", ErrorCode.NOT_FOUND,
                    one.reference() + " is on host " + lane.host() + ", not on " + pin.get()));
            return;
        }
        Optional<ContainerName> name = command.newName(0);
        if (name.isPresent() && !found.isEmpty() && !takeName(name.get(), lane)) {
            fail(incoming, lane, Failure.at("/name", ErrorCode.NAME_CONFLICT,
                    "the name " + name.get() + " is held by another container"));
            return;
        }
        placed.add(new Placed(new WorkKey(command.id(), 0), incoming, lane));
    }

    /** From now on the new name means this lane, too: what is accepted later may use it. */
    private boolean takeName(ContainerName name, LaneRow lane) {
        LaneRow holder = byName.putIfAbsent(name.value(), lane);
        if (holder != null && holder.lane() != lane.lane()) {
            return false;
        }
        namesTaken.put(name.value(), lane);
        return true;
    }

    private void acceptAll(Incoming.Valid incoming, String image) {
        Optional<HostId> pin = incoming.command().header().host();
        List<LaneRow> lanes = byImage.getOrDefault(image, List.of()).stream()
                .filter(lane -> pin.isEmpty() || lane.host().equals(pin.get().value())).toList();
        if (lanes.isEmpty()) {
            ended.add(new Ended(incoming, new Outcome(Outcome.Status.SUCCEEDED, false, List.of(), Optional.empty())));
            return;
        }
        parents.put(incoming, lanes.size());
        int child = 1;
        for (LaneRow lane : lanes) {
            placed.add(new Placed(new WorkKey(incoming.command().id(), child++), incoming, lane));
        }
    }

    /** Full id, then name, then unique prefix. */
    private Set<LaneRow> resolve(String reference) {
        LaneRow exact = byContainer.getOrDefault(reference, byName.get(reference));
        if (exact != null) {
            return Set.of(exact);
        }
        return Set.copyOf(byPrefix.getOrDefault(reference, List.of()));
    }

    private LaneRow open(HostId host, String image) {
        LaneRow lane = new LaneRow(nextTemporary--, host.value(), image, null);
        opened.add(lane);
        if (!image.isEmpty()) {
            byImage.computeIfAbsent(image, _ -> new ArrayList<>()).add(lane);
        }
        return lane;
    }

    private void fail(Incoming.Valid incoming, LaneRow lane, Failure failure) {
        ended.add(new Ended(incoming, Optional.of(new HostId(lane.host())),
                Outcome.ended(Outcome.Status.FAILED, failure)));
    }

    private void end(Incoming.Valid incoming, Outcome.Status status, Failure failure) {
        ended.add(new Ended(incoming, Outcome.ended(status, failure)));
    }

    /** The names that a batch may ask for: those that its commands give, and its targets. */
    static Set<String> names(List<Incoming.Valid> batch) {
        Set<String> names = new TreeSet<>();
        for (Incoming.Valid incoming : batch) {
            switch (incoming.command()) {
                case Command.Create create -> {
                    for (int member = 1; member <= create.count(); member++) {
                        names.add(create.memberName(create.count() > 1 ? member : 0).value());
                    }
                }
                case Command.Aimed aimed -> {
                    if (aimed.target() instanceof Target.One one) {
                        names.add(one.reference());
                    }
                    aimed.newName(0).ifPresent(name -> names.add(name.value()));
                }
                case Command.Pull _,Command.Cancel _ -> {
                }
            }
        }
        return names;
    }

    /** The images, in normal form, that a batch wants all containers of. */
    static Set<String> images(List<Incoming.Valid> batch) {
        Set<String> images = new TreeSet<>();
        for (Incoming.Valid incoming : batch) {
            if (incoming.command() instanceof Command.Aimed aimed && aimed.target() instanceof Target.AllOf all) {
                images.add(all.image().normal());
            }
        }
        return images;
    }
}
