package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.command.ImageName;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.LocalImage;
import io.dockworker.docker.SecondEngine;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two workers of one fleet, each with an engine of its own: this machine's, and one that is reached over TLS. */
final class TwoHostsIT {
    private static final String IMAGE = "dockworker-two-hosts-it:1";

    private static final Opened OPENED = new Opened();

    @TempDir
    private static Path directory;
    private static SecondEngine second;
    private static Upstream upstream;
    private static Worker far;

    @BeforeAll
    static void start() throws Exception {
        OPENED.own(new TestImage(IMAGE));
        Path client = Files.createDirectory(directory.resolve("client"));
        Path server = Files.createDirectory(directory.resolve("server"));
        certify(server, client);
        certify(client, server);
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        second = OPENED.own(new SecondEngine(Files.createDirectory(directory.resolve("second")),
                List.of("-H", "tcp://127.0.0.1:" + port, "--tlsverify", "--tlscacert=" + server.resolve("ca.pem"),
                        "--tlscert=" + server.resolve("cert.pem"), "--tlskey=" + server.resolve("key.pem"))));
        try (DockerEngine engine = DockerEngine.connect(second.local(), new SimpleMeterRegistry())) {
            LocalImage.build(engine, new ImageName(IMAGE));
        }
        upstream = OPENED.own(new Upstream("two-hosts-it."));
        OPENED.own(Upstream.worker(upstream.flags(directory.resolve("lock"), "near")));
        List<String> flags = new ArrayList<>(upstream.flags(directory.resolve("lock"), "far"));
        flags.addAll(List.of("--docker-host=tcp://127.0.0.1:" + port, "--docker-tls-verify=true",
                "--docker-cert-path=" + client, "--host-labels=zone=eu"));
        far = OPENED.own(Upstream.worker(flags));
    }

    @AfterAll
    static void stop() throws Exception {
        OPENED.close();
    }

    /** Makes somebody's key and certificate; the other one trusts it. */
    private static void certify(Path own, Path other) throws Exception {
        Path store = own.resolve("store");
        TestImages.run(null, 0, Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
                "-alias", "a", "-keyalg", "RSA", "-dname", "CN=" + own.getFileName(), "-ext", "SAN=ip:127.0.0.1",
                "-storetype", "PKCS12", "-storepass", "secret", "-keystore", store.toString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(store)) {
            keys.load(file, "secret".toCharArray());
        }
        write(own.resolve("key.pem"), "PRIVATE KEY", keys.getKey("a", "secret".toCharArray()).getEncoded());
        write(own.resolve("cert.pem"), "CERTIFICATE", keys.getCertificate("a").getEncoded());
        Files.copy(own.resolve("cert.pem"), other.resolve("ca.pem"));
    }

    private static void write(Path file, String what, byte[] content) throws IOException {
        Files.writeString(file, "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'})
                .encodeToString(content) + "\n-----END " + what + "-----\n");
    }

    @Test
    void aCommandReachesTheHostThatItIsFor() throws Exception {
        for (String host : List.of("near", "far")) {
            upstream.send(host, """
                    {"id":"%1$s-1","type":"create","image":"%2$s","name":"on-%1$s","host":"%1$s","pull_policy":"never",
                     "network_mode":"none"}""".formatted(host, IMAGE));
            assertEquals("succeeded " + host, end(host + "-1"));
        }
        assertEquals("on-near",
                Upstream.docker("ps", "--filter", "label=managed-by=" + IMAGE, "--format", "{{.Names}}"));
        assertEquals("on-far", Upstream.docker("-H", second.local().toString(), "ps", "--format", "{{.Names}}"));
        JsonNode hosts = upstream.values("hosts").stream()
                .filter(host -> host.path("host").asText().equals("far")).findFirst().orElseThrow();
        assertEquals("eu", hosts.at("/labels/zone").asText(), hosts::toString);
        // Wherever it is.
        upstream.send(IMAGE, "{\"id\":\"all\",\"type\":\"remove\",\"image\":\"" + IMAGE + "\"}");
        assertEquals("succeeded null", end("all"));
        assertEquals("", Upstream.docker("-H", second.local().toString(), "ps", "-aq"));

        far.close();
        upstream.send("far", """
                {"id":"lost","type":"create","image":"%s","name":"lost","host":"far","deadline_seconds":5}"""
                .formatted(IMAGE));
        assertEquals("failed far", end("lost"));
        assertEquals("HOST_LOST", upstream.result("lost").at("/error/code").asText());
    }

    private static String end(String id) {
        JsonNode result = upstream.result(id);
        return result.path("status").asText() + " " + result.path("host").asText();
    }
}
