package io.dockworker.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Containers that the engine knows are in {@code ComposeIT}; here are those that it does not. */
final class OwnContainerTest {
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final List<String> CONTAINER = List.of(
            "1 2 0:41 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/l",
            "2 1 0:44 / /dev rw,nosuid - tmpfs tmpfs rw", "3 1 0:44 / /dev/shm rw - tmpfs shm rw",
            "4 1 8:1 /var/lib/docker/containers/" + ID + "/hostname /etc/hostname rw - ext4 /dev/sda1 rw",
            "5 1 8:1 /srv/a\\040b /mnt/a\\040b rw - ext4 /dev/sda1 rw");

    @Test
    void aContainerIsKnownByWhatItsEngineMountsIntoIt() {
        assertEquals(Optional.of(ID), MountTable.of(CONTAINER).container());
        assertEquals(Optional.empty(), MountTable.of(CONTAINER.subList(0, 3)).container());
    }

    @Test
    void whoRunsAnEngineOfItsOwnIsOnThatEnginesHost() {
        assertFalse(unknown(CONTAINER).hasAlone(Path.of("/var/lib/dockworker")));
    }

    @Test
    void whoWasGivenASocketNeedsADirectoryToo() {
        List<String> given = new ArrayList<>(CONTAINER);
        given.add("6 1 0:25 /docker.sock /run/docker.sock rw - tmpfs tmpfs rw");
        assertTrue(unknown(given).hasAlone(Path.of("/var/lib/dockworker")));
        assertTrue(unknown(given).hasAlone(Path.of("/dev/shm/lock")));
        assertFalse(unknown(given).hasAlone(Path.of("/mnt/a b/lock")));
    }

    private static OwnContainer unknown(List<String> mounts) {
        return new OwnContainer(MountTable.of(mounts), Optional.empty(), Path.of("/run/docker.sock"));
    }
}
