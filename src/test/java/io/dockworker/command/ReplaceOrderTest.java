package io.dockworker.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dockworker.command.Command.Replace.Order;
import io.dockworker.command.StorageSpec.Volume;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which of the two runs while one takes the other's place. */
class ReplaceOrderTest {
    private static final ContainerSpec BARE = ContainerSpec.of(new ImageName("nginx"));
    private static final ContainerSpec WEB = publishing("80/tcp", "", 8080);
    private static final ContainerSpec DATA = mounting(Volume.Type.VOLUME, "data", false);
    private static final ContainerSpec READER = mounting(Volume.Type.VOLUME, "data", true);
    private static final ContainerSpec HOST = BARE.with(NetworkSpec.mode("host"));

    @Test
    void whatOnlyOneCanHaveStopsTheOldOneFirst() {
        assertOrder(Order.STOP_FIRST, WEB, publishing("81/tcp", "127.0.0.1", 8080));
        assertOrder(Order.STOP_FIRST, DATA, DATA);
        assertOrder(Order.STOP_FIRST, DATA, READER);
        ContainerSpec bind = mounting(Volume.Type.BIND, "/srv", false);
        assertOrder(Order.STOP_FIRST, bind, bind);
        assertOrder(Order.STOP_FIRST, named("box"), named("box"));
        assertOrder(Order.STOP_FIRST, HOST, HOST);
    }

    @Test
    void whatBothCanHaveLetsTheOldOneRun() {
        assertOrder(Order.START_FIRST, BARE, WEB);
        assertOrder(Order.START_FIRST, WEB, publishing("80/tcp", "", 8081));
        assertOrder(Order.START_FIRST, WEB, publishing("80/udp", "", 8080));
        assertOrder(Order.START_FIRST, publishing("80", "127.0.0.1", 1), publishing("80", "127.0.0.2", 1));
        assertOrder(Order.START_FIRST, publishing("80/tcp", "", 0), publishing("80/tcp", "", 0));
        assertOrder(Order.START_FIRST, DATA, mounting(Volume.Type.VOLUME, "other", false));
        assertOrder(Order.START_FIRST, READER, READER);
        ContainerSpec anonymous = mounting(Volume.Type.VOLUME, "", false);
        assertOrder(Order.START_FIRST, anonymous, anonymous);
        assertOrder(Order.START_FIRST, named("box"), named("crate"));
        assertOrder(Order.START_FIRST, BARE, HOST);
    }

    @Test
    void anOrderThatIsGivenIsTakenAtItsWord() {
        assertEquals(Order.START_FIRST, replace(Optional.of(Order.START_FIRST)).order(WEB, WEB));
        assertEquals(Order.STOP_FIRST, replace(Optional.of(Order.STOP_FIRST)).order(BARE, BARE));
    }

    private static void assertOrder(Order order, ContainerSpec old, ContainerSpec changed) {
        assertEquals(order, replace(Optional.empty()).order(old, changed));
        assertEquals(order, replace(Optional.empty()).order(changed, old));
    }

    private static Command.Replace replace(Optional<Order> order) {
        return new Command.Replace(Header.of(new CommandId("c")), new Target.One("web"), new SpecChange(BARE, Set.of()),
                order);
    }

    private static ContainerSpec publishing(String key, String ip, int hostPort) {
        return BARE.with(NetworkSpec.publishing(List.of(PortMapping.parse(key, ip, hostPort))));
    }

    private static ContainerSpec named(String hostname) {
        return BARE.with(new NetworkSpec(List.of(), List.of(), Optional.empty(), Optional.of(hostname), List.of(),
                List.of()));
    }

    private static ContainerSpec mounting(Volume.Type type, String source, boolean readOnly) {
        return new ContainerSpec(BARE.image(), BARE.pull(), BARE.name(), BARE.labels(), BARE.process(), BARE.network(),
                new StorageSpec(List.of(new Volume(type, source, "/data", readOnly)), List.of(), false),
                BARE.resources(), BARE.isolation(), BARE.restartPolicy(), BARE.healthcheck(), BARE.logging(),
                BARE.secretRefs());
    }
}
