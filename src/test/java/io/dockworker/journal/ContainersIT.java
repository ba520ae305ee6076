package io.dockworker.journal;

import static io.dockworker.journal.Journal.SELF;
import static io.dockworker.journal.Journal.container;
import static io.dockworker.journal.Journal.creating;
import static io.dockworker.journal.Journal.id;
import static io.dockworker.journal.Journal.remove;
import static io.dockworker.journal.Journal.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.HostId;
import io.dockworker.command.Labels;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a listing of the engine mends the records, on a real database. */
class ContainersIT {
    private final Journal journal = new Journal();

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void aContainerThatNobodyRecordedIsAdopted() {
        assertEquals(2, relist(container("web", ContainerStatus.RUNNING)));
        assertEquals(List.of(ContainerEvent.Type.ADOPTED), events());
        assertEquals(1, journal.containers.find("web").size());
        assertEquals(List.of(new ManagedContainer(SELF, container("web", ContainerStatus.RUNNING),
                journal.containers.find("web").getFirst().seenAt())),
                journal.containers.find(id("web").abbreviated()));
        journal.accept(start("1", "web"));
        assertEquals(Optional.of(id("web")), journal.head("1").container());
        assertEquals(0, relist(container("web", ContainerStatus.RUNNING)), "the second time there is nothing to tell");
    }

    @Test
    void aChangeIsNotedAndToldOnce() {
        relist(container("web", ContainerStatus.RUNNING));
        assertEquals(1, relist(container("web", ContainerStatus.EXITED)));
        assertEquals(0, relist(container("web", ContainerStatus.EXITED)));
        assertEquals(ContainerStatus.EXITED, journal.containers.find("web").getFirst().container().status());
    }

    @Test
    void aContainerThatVanishedIsForgottenWithItsName() {
        relist(container("web", ContainerStatus.RUNNING), container("db", ContainerStatus.RUNNING));
        Instant asked = journal.containers.now();
        List<ContainerSnapshot> listing = List.of(container("db", ContainerStatus.RUNNING));
        assertEquals(List.of(id("web")), journal.containers.missing(SELF, Set.of(id("db")), asked));
        // The engine says that it has it after all.
        assertEquals(0, journal.containers.reconcile(journal.fence, listing, List.of(), asked, Map.of()).messages());
        assertEquals(2,
                journal.containers.reconcile(journal.fence, listing, List.of(id("web")), asked, Map.of()).messages());
        assertEquals(ContainerEvent.Type.VANISHED, events().getLast());
        assertInstanceOf(OutboxMessage.Forgotten.class,
                journal.messages().stream().filter(OutboxMessage.Forgotten.class::isInstance).findFirst()
                        .orElseThrow());
        assertEquals(List.of(), journal.containers.find("web"));
        assertEquals(1, journal.rows("names"));
    }

    @Test
    void aRowNewerThanTheListingIsLeftAlone() {
        Instant asked = journal.containers.now();
        journal.accept(creating("1", "web"));
        journal.run("1", "web");
        int told = journal.messages().size();
        assertEquals(List.of(), journal.containers.missing(SELF, Set.of(), asked));
        assertEquals(0, journal.containers.reconcile(journal.fence,
                List.of(container("web", ContainerStatus.CREATED)), List.of(id("web")), asked, Map.of()).messages());
        assertEquals(ContainerStatus.RUNNING, journal.containers.find("web").getFirst().container().status());
        assertEquals(told, journal.messages().size());
    }

    @Test
    void aContainerThatACommandIsAtWorkOnIsNotMissed() {
        journal.accept(creating("1", "web"));
        journal.run("1", "web");
        journal.accept(remove("2", "web"));
        assertEquals(List.of(), journal.containers.missing(SELF, Set.of(), journal.containers.now()));
    }

    @Test
    void aContainerOfACreateUnderWayGetsNoSecondLane() {
        journal.accept(creating("1", "web"));
        journal.begin(journal.head("1"));
        relist(container("web", ContainerStatus.CREATED));
        assertEquals(1, journal.rows("lanes"));
        assertEquals(List.of(), events());
    }

    @Test
    void anAdoptionAndACreateOfTheSameNameAtOnceBothSucceed() throws Exception {
        for (int round = 0; round < 30; round++) {
            String name = "web" + round;
            IntakeBatch batch = journal.batch(0, creating("c" + round, name));
            var barrier = new CyclicBarrier(2);
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Integer> adopted = threads.submit(() -> {
                    barrier.await();
                    return relist(container(name, ContainerStatus.RUNNING));
                });
                barrier.await();
                assertInstanceOf(Inbox.Taken.Stored.class, journal.inbox.accept(batch));
                adopted.get();
            }
        }
        assertEquals(30, journal.rows("names"));
        assertEquals(30, journal.rows("lanes"));
    }

    @Test
    void aLaneThatIsJustGivenWorkOutlivesItsContainer() throws Exception {
        relist(container("web", ContainerStatus.RUNNING));
        Instant asked = journal.containers.now();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> both = journal.jdbi().inTransaction(handle -> {
                // The last lock that both take, so that neither commits.
                handle.execute("select 1 from hosts for update");
                Future<?> taken = threads.submit(() -> journal.accept(start("1", "web")));
                journal.awaitWaiting(1);
                Future<?> forgotten = threads.submit(() -> journal.containers.reconcile(journal.fence, List.of(),
                        List.of(id("web")), asked, Map.of()));
                journal.awaitWaiting(2);
                return List.of(taken, forgotten);
            });
            for (Future<?> one : both) {
                one.get();
            }
        }
        assertEquals(Optional.of(id("web")), journal.head("1").container());
    }

    @Test
    void anOpenCommandCannotNameALaneThatIsGone() {
        journal.accept(creating("1", "web"));
        assertThrows(JdbiException.class,
                () -> journal.jdbi().useHandle(handle -> handle.execute("delete from lanes")));
        journal.run("1", "web");
        journal.jdbi().useHandle(handle -> handle.execute("delete from lanes"));
    }

    @Test
    void aContainerWhoseNameAnotherHostUsesIsAdoptedWithoutIt() {
        Fence other = journal.claim(new HostId("b"));
        journal.containers.reconcile(other, List.of(container("web", ContainerStatus.RUNNING)), List.of(),
                journal.containers.now(), Map.of());
        ContainerSnapshot ours = container("ours", ContainerStatus.RUNNING).withName("web");
        assertEquals(2, relist(ours));
        assertEquals(List.of(ContainerEvent.Type.ADOPTED, ContainerEvent.Type.ADOPTED), events());
        journal.accept(start("by-id", id("ours").value()), start("by-prefix", id("ours").abbreviated()),
                start("by-name", "web"));
        assertEquals(Optional.of(id("ours")), journal.head("by-id").container());
        assertEquals(1, journal.heads().size(), "the name means the other host's");
        assertEquals(0, relist(ours));
    }

    @Test
    void aContainerThatAReplacementIsMakingGetsNoLaneOfItsOwn() {
        relist(container("web", ContainerStatus.RUNNING));
        journal.accept(start("1", "web"));
        ContainerSnapshot plain = container("new", ContainerStatus.RUNNING);
        ContainerSnapshot made = new ContainerSnapshot(plain.id(), plain.name(), plain.image(), plain.imageId(),
                plain.createdAt(), plain.state(), Map.of(Labels.COMMAND_ID, "1"), plain.ports(), plain.networks(),
                plain.limits());
        assertEquals(0, relist(container("web", ContainerStatus.RUNNING), made));
        Work work = journal.head("1");
        journal.begin(work);
        journal.end(Journal.succeeded(work, "new"));
        assertEquals(1, journal.rows("lanes"));
    }

    @Test
    void aContainerThatWasGoneWhenItsRemovalCameIsToldAndStaysDead() {
        relist(container("web", ContainerStatus.RUNNING));
        Instant asked = journal.containers.now();
        journal.accept(remove("1", "web"));
        Work work = journal.head("1");
        journal.end(attempt(Journal.removed(work, "web"), 0));
        assertEquals(ContainerEvent.Type.VANISHED, events().getLast());
        // Asked before the removal, answered after it.
        Containers.Reconciled late = journal.containers.reconcile(journal.fence,
                List.of(container("web", ContainerStatus.RUNNING)), List.of(), asked, Map.of());
        assertEquals(0, late.messages());
        assertEquals(Set.of(id("web")), late.left(), "what came before its end is still to be told");
        assertEquals(0, journal.rows("lanes") + journal.rows("containers"));
    }

    private static Completion attempt(Completion end, int attempt) {
        return new Completion(end.work(), attempt, end.outcome(), end.startedAt(), end.laneHolds(), end.seen(),
                end.gone(), end.spec(), end.freedName(), end.events(), end.timings());
    }

    @Test
    void anotherHostsContainersAreNotOurs() {
        Fence other = journal.claim(new HostId("b"));
        journal.containers.reconcile(other, List.of(container("web", ContainerStatus.RUNNING)), List.of(),
                journal.containers.now(), Map.of());
        assertEquals(List.of(), journal.containers.missing(SELF, Set.of(), journal.containers.now()));
        assertEquals(List.of(), journal.containers.ofHost(SELF));
        assertEquals(1, journal.containers.ofHost(new HostId("b")).size());
    }

    /** Also where a command wants one of them. */
    @Test
    void namesThatWereSwappedGoToTheContainersThatHaveThemNow() {
        ContainerSnapshot web = container("web", ContainerStatus.RUNNING);
        ContainerSnapshot db = container("db", ContainerStatus.RUNNING);
        relist(web, db);
        journal.accept(creating("1", "web"));
        Map<String, Long> before = lanes();
        relist(web.withName("db"), db.withName("web"));
        assertEquals(Map.of("web", before.get("db"), "db", before.get("web")), lanes());
    }

    private Map<String, Long> lanes() {
        return journal.jdbi().withHandle(handle -> handle.createQuery("select name, lane from names")
                .map((row, _) -> Map.entry(row.getString(1), row.getLong(2))).list()).stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private int relist(ContainerSnapshot... listing) {
        return journal.containers
                .reconcile(journal.fence, List.of(listing), List.of(), journal.containers.now(), Map.of())
                .messages();
    }

    private List<ContainerEvent.Type> events() {
        return journal.messages().stream().filter(OutboxMessage.Event.class::isInstance)
                .map(message -> ((OutboxMessage.Event) message).event().type()).toList();
    }
}
