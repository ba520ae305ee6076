package io.dockworker.docker;

import io.dockworker.Server;
import io.dockworker.TestImages;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Another real engine beside that of this machine, which can be killed. Its containers have no network. */
public final class SecondEngine implements Server {
    private static final String BRIDGE = "dwsecond";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final DockerConnection local;
    private final List<String> command;
    private final String execRoot;
    private final Path log;
    private Process dockerd;
    private boolean killed;

    /**
     * @param directory of its own, for its data in {@code data} and all else
     * @param options   more of {@code dockerd}
     */
    public SecondEngine(Path directory, List<String> options) throws IOException, InterruptedException {
        local = new DockerConnection(URI.create("unix://" + directory.resolve("docker.sock")), Optional.empty());
        // Without a bridge of its own, a second dockerd takes away that of the first. A killed run leaves it behind.
        TestImages.run(null, 1, "ip", "link", "delete", BRIDGE);
        TestImages.run(null, 0, "ip", "link", "add", BRIDGE, "type", "bridge");
        TestImages.run(null, 0, "ip", "address", "add", "10.253.77.1/24", "dev", BRIDGE);
        // An engine's id is kept there, and another engine needs another one.
        Path etc = Files.createDirectory(directory.resolve("etc"));
        execRoot = directory.resolve("exec").toString();
        command = new ArrayList<>(List.of("unshare", "-m", "sh", "-c",
                "mkdir -p /etc/docker && mount --bind " + etc + " /etc/docker && exec \"$@\"", "sh", "dockerd",
                "--data-root", directory.resolve("data").toString(),
                "--exec-root", execRoot, "--pidfile", directory.resolve("pid").toString(),
                "-H", local.host().toString(), "--bridge", BRIDGE, "--iptables=false", "--ip6tables=false",
                "--storage-driver", "vfs"));
        command.addAll(options);
        log = directory.resolve("log");
        start();
    }

    @Override
    public void start() throws IOException {
        try {
            killed = false;
            Files.deleteIfExists(log);
            dockerd = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
            long begin = System.nanoTime();
            while (!Files.readString(log).contains("API listen on")) {
                if (!dockerd.isAlive() || System.nanoTime() - begin > PATIENCE.toNanos()) {
                    close();
                    throw new IOException(Files.readString(log));
                }
                Thread.sleep(Duration.ofMillis(100));
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** As by kill -9; its containers do not notice. */
    @Override
    public void kill() throws IOException {
        try {
            killed = true;
            dockerd.destroyForcibly().waitFor();
            endContainerd();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * It dies of its parent's death, but not at once; a dockerd that finds it dying takes it for alive, and waits for it
     * in vain. What runs the containers is no child of it, and goes on.
     */
    private void endContainerd() throws IOException, InterruptedException {
        Path pid = Path.of(execRoot, "containerd", "containerd.pid");
        if (Files.exists(pid)) {
            Optional<ProcessHandle> containerd = ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
            containerd.ifPresent(ProcessHandle::destroyForcibly);
            while (containerd.filter(ProcessHandle::isAlive).isPresent()) {
                Thread.sleep(Duration.ofMillis(20));
            }
        }
    }

    @Override
    public List<ProcessHandle> processes() {
        return List.of(dockerd.toHandle());
    }

    public DockerConnection local() {
        return local;
    }

    @Override
    public void close() throws IOException {
        if (killed) {
            // It alone ends what it left behind.
            start();
        }
        dockerd.destroy();
        try {
            if (!dockerd.waitFor(30, TimeUnit.SECONDS)) {
                dockerd.destroyForcibly().waitFor();
            }
            TestImages.run(null, 1, "ip", "link", "delete", BRIDGE);
            // One that was killed knows not all that it had begun.
            ProcessHandle.allProcesses()
                    .filter(shim -> shim.info().commandLine().filter(line -> line.contains(execRoot)).isPresent())
                    .forEach(shim -> {
                        shim.descendants().forEach(ProcessHandle::destroyForcibly);
                        shim.destroyForcibly();
                    });
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static InterruptedIOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new InterruptedIOException(e.toString());
    }
}
