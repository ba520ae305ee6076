package io.dockworker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Images of our own under the names of real ones, as long as this is open. Real ones that are there are used. */
final class StandIns {
    private final List<String> names = new ArrayList<>();

    private StandIns() {}

    /** For every image that docker-compose.yml runs but Grafana's, and that Dockerfile begins with. */
    static StandIns forCompose() throws IOException, InterruptedException {
        var all = new StandIns();
        all.name(named("docker-compose.yml", "image: (apache/kafka:\\S+)"), TestImages.kafka());
        all.name(named("docker-compose.yml", "image: (postgres:\\S+)"), TestImages.postgres());
        all.name(named("docker-compose.yml", "image: (prom/prometheus:\\S+)"), TestImages.prometheus());
        all.name(named("Dockerfile", "FROM (maven:\\S+)"), TestImages.maven());
        all.name(named("Dockerfile", "FROM (eclipse-temurin:\\S+)"), TestImages.java());
        return all;
    }

    private static String named(String file, String pattern) throws IOException {
        var found = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
        if (!found.find()) {
            throw new IllegalStateException(file + " names no " + pattern);
        }
        return found.group(1);
    }

    private void name(String name, String image) throws IOException, InterruptedException {
        if (!TestImages.exists(name)) {
            names.add(name);
            Upstream.docker("tag", image, name);
        }
    }

    /** Takes the names back: nobody shall mistake these for the real ones. */
    void takeBack() throws IOException, InterruptedException {
        for (String name : names) {
            Upstream.docker("rmi", name);
        }
    }
}
