package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** That docker-compose.yml, and what it mounts into Prometheus and Grafana, agree with each other. */
final class ComposeFileTest {
    private static final Path FILE = Readme.FILE.resolveSibling("docker-compose.yml");
    /** A line at the head: {@code #   ONE, OTHER   what it is for}. */
    private static final Pattern EXPLAINED = Pattern.compile("(?m)^#   ([A-Z_]+(?:, [A-Z_]+)*)  ");
    private static final Pattern USED = Pattern.compile("\\$\\{([A-Z_]+)");

    private final JsonNode services = yaml("docker-compose.yml").path("services");

    @Test
    void whatMayBeSetIsUsedAndWhatIsUsedIsExplained() throws IOException {
        String text = Files.readString(FILE);
        Set<String> explained = new TreeSet<>();
        EXPLAINED.matcher(text).results().forEach(line -> explained.addAll(List.of(line.group(1).split(", ", -1))));
        Set<String> used = new TreeSet<>();
        USED.matcher(text).results().forEach(variable -> used.add(variable.group(1)));
        assertEquals(used, explained);
    }

    @Test
    void portsAreThisMachinesAloneImagesAreOfOneVersionAndWhatIsMountedIsThere() {
        for (JsonNode service : services) {
            texts(service.path("ports"))
                    .forEach(port -> assertTrue(port.matches("127\\.0\\.0\\.1:\\$\\{[A-Z]+_PORT:-(\\d+)}:\\1"), port));
            String image = service.path("image").asText();
            assertTrue(image.matches(".+:v?\\d+\\.\\d+(\\.\\d+)?") || service.has("build"), image);
            texts(service.path("volumes")).filter(volume -> volume.startsWith("./")).forEach(volume -> assertTrue(
                    Files.exists(FILE.resolveSibling(volume.substring(2, volume.indexOf(':')))), volume));
        }
    }

    @Test
    void onlyWhoAsksForObservabilityGetsIt() {
        Set<String> inProfile = new TreeSet<>();
        services.properties().forEach(service -> texts(service.getValue().path("profiles"))
                .forEach(profile -> inProfile.add(profile + " " + service.getKey())));
        assertEquals(Set.of("observability grafana", "observability prometheus"), inProfile);
    }

    /** There is no Grafana in the tests that would say so itself. */
    @Test
    void grafanaFindsItsDatasourceAndItsDashboard() throws IOException {
        JsonNode source = yaml("deploy/grafana/provisioning/datasources/prometheus.yaml").at("/datasources/0");
        String port = services.at("/prometheus/ports/0").asText().replaceFirst(".*:", "");
        assertEquals("http://prometheus:" + port, source.path("url").asText());

        JsonNode provider = yaml("deploy/grafana/provisioning/dashboards/dockworker.yaml").at("/providers/0");
        String mount = texts(services.at("/grafana/volumes"))
                .filter(volume -> volume.contains(":" + provider.at("/options/path").asText() + "/")).findFirst()
                .orElseThrow();
        assertEquals(mount.split(":", -1)[1],
                services.at("/grafana/environment/GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH").asText());
        for (String kind : List.of("datasources", "dashboards")) {
            assertTrue(texts(services.at("/grafana/volumes")).anyMatch(
                    ("./deploy/grafana/provisioning/" + kind + ":/etc/grafana/provisioning/" + kind + ":ro")::equals));
        }

        JsonNode dashboard = new ObjectMapper()
                .readTree(FILE.resolveSibling(mount.split(":", -1)[0].substring(2)).toFile());
        JsonNode variable = dashboard.at("/templating/list/0");
        assertEquals("datasource", variable.path("type").asText());
        assertEquals(source.path("type"), variable.path("query"));
        Set<Integer> ids = new TreeSet<>();
        for (JsonNode panel : dashboard.path("panels")) {
            assertTrue(ids.add(panel.path("id").asInt()), panel::toString);
            if (!panel.path("type").asText().equals("row")) {
                assertEquals(source.path("type"), panel.at("/datasource/type"), panel::toString);
                assertEquals("${" + variable.path("name").asText() + "}", panel.at("/datasource/uid").asText(),
                        panel::toString);
                assertFalse(panel.path("targets").isEmpty(), panel::toString);
            }
        }
        assertTrue(ids.size() > 10, ids::toString);
    }

    private static Stream<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText);
    }

    private static JsonNode yaml(String file) {
        try {
            return new YAMLMapper().readTree(FILE.resolveSibling(file).toFile());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
