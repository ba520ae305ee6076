package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may import whom. The table is the rule; whoever changes it changes the design, and should want to. */
final class ArchitectureTest {
    private static final String ROOT = "io.dockworker";
    /** The root package is two parts: {@code Main}, which starts all, and the wiring around {@code Worker}. */
    private static final String MAIN = "Main";
    private static final String WIRING = "Worker";
    private static final String AUDITOR = "bench.audit";

    /**
     * A package, what it may import of the others, and how many public top-level types it may have. The bounds are a
     * little above what is needed today: a package that wants more is becoming two.
     */
    private record Row(String part, int publicTypes, Set<String> imports) {
        Row(String part, int publicTypes, String... imports) {
            this(part, publicTypes, Set.of(imports));
        }
    }

    /** Each row imports rows above it alone: there can be no cycle. */
    private static final List<Row> TABLE = List.of(
            // The vocabulary belongs to all, so its size is not bounded.
            new Row("command", Integer.MAX_VALUE),
            new Row("settings", 7, "command"),
            new Row("wire", 16, "command"),
            new Row("postgres", 4, "command", "settings"),
            new Row("kafka", 19, "settings"),
            new Row("journal", 37, "command", "postgres"),
            new Row("intake", 3, "command", "wire", "journal", "kafka"),
            new Row("relay", 3, "command", "journal", "wire", "kafka"),
            new Row("execution", 6, "command", "journal"),
            new Row("observation", 4, "command", "journal"),
            new Row("health", 10, "command", "wire", "postgres", "kafka"),
            new Row("docker", 8, "command", "execution", "observation", "health"),
            new Row("fleet", 4, "command", "wire", "journal", "kafka"),
            new Row("http", 9, "command", "wire", "journal", "health"),
            new Row("standalone", 3, "settings"),
            new Row(WIRING, 2, "command", "settings", "wire", "postgres", "kafka", "journal", "intake", "relay",
                    "execution", "observation", "health", "docker", "fleet", "http"),
            // Strangers: what they judge, or are compared with, must not be what they are made of.
            new Row(AUDITOR, 2),
            new Row("bench.naive", 1, AUDITOR),
            new Row("bench", 1, "kafka", AUDITOR, "bench.naive"),
            new Row("cli", 3, "command", "settings", "wire", "postgres", "kafka", "journal", "intake", "relay",
                    "execution", "observation", "health", "docker", "fleet", "http", "standalone", "bench", WIRING),
            new Row(MAIN, 1, "cli"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void everyPackageImportsOnlyWhatTheTableAllows() {
        var broken = new TreeSet<String>();
        dependencies(ArchitectureTest::isOurs).forEach(dependency -> {
            String from = part(dependency.getOriginClass());
            String to = part(dependency.getTargetClass());
            if (!from.equals(to) && !row(from).imports().contains(to)) {
                broken.add(from + " must not import " + to + ": " + dependency.getDescription());
            }
        });
        assertNone(broken);
    }

    @Test
    void theTableHasNoCycle() {
        var above = new HashSet<String>();
        var broken = new TreeSet<String>();
        for (Row row : TABLE) {
            row.imports().stream().filter(part -> !above.contains(part))
                    .forEach(part -> broken.add(row.part() + " imports " + part + ", which is not above it"));
            assertTrue(above.add(row.part()), () -> row.part() + " stands twice in the table");
        }
        assertNone(broken);
    }

    @Test
    void theTableNamesEveryPackageAndNoOther() {
        var inCode = new TreeSet<String>();
        CLASSES.forEach(type -> inCode.add(part(type)));
        var inTable = new TreeSet<String>();
        TABLE.forEach(row -> inTable.add(row.part()));
        assertEquals(inTable, inCode);
    }

    @Test
    void dockerJavaIsUsedByDockerAlone() {
        onlyIn(Set.of("docker"), "com.github.dockerjava.");
    }

    /** And by strangers, which have to read the topics without anything of ours between them and the broker. */
    @Test
    void kafkaClientsAreUsedByKafkaAlone() {
        onlyIn(Set.of("kafka", "standalone", AUDITOR, "bench.naive"), "org.apache.kafka.");
    }

    /** The engine too: over the JDK's own sockets. */
    @Test
    void theAuditorNeedsNothingButTheJdkKafkaAndJackson() {
        var broken = new TreeSet<String>();
        dependencies(target -> !isOurs(target) && Stream
                .of("java.", "org.apache.kafka.clients.", "org.apache.kafka.common.", "com.fasterxml.jackson.")
                .noneMatch(target.getName()::startsWith))
                .filter(dependency -> part(dependency.getOriginClass()).equals(AUDITOR))
                .filter(dependency -> !dependency.getTargetClass().getBaseComponentType().isPrimitive())
                .forEach(dependency -> broken.add(dependency.getDescription()));
        assertNone(broken);
    }

    @Test
    void theKafkaServerIsUsedByStandaloneAlone() {
        onlyIn(Set.of("standalone"), "kafka.", "org.apache.kafka.server.", "org.apache.kafka.metadata.",
                "org.apache.kafka.storage.", "io.zonky.");
    }

    @Test
    void sqlIsSpokenByTheJournalHealthAndPostgresAlone() {
        onlyIn(Set.of("journal", "health", "postgres", "standalone"), "java.sql.", "javax.sql.", "org.jdbi.",
                "org.postgresql.", "org.flywaydb.", "com.zaxxer.hikari.");
    }

    @Test
    void nobodyLogsBesideSlf4j() {
        onlyIn(Set.of(), "java.util.logging.");
        onlyIn(Set.of("cli"), "ch.qos.logback.");
    }

    @Test
    void packagesShowAHandfulOfTypes() {
        var broken = new TreeSet<String>();
        for (Row row : TABLE) {
            List<String> shown = CLASSES.stream()
                    .filter(type -> type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                    .filter(type -> part(type).equals(row.part()))
                    .map(JavaClass::getSimpleName).sorted().toList();
            if (shown.size() > row.publicTypes()) {
                broken.add(row.part() + " may show " + row.publicTypes() + " types, but shows " + shown.size() + ": "
                        + shown);
            }
        }
        assertNone(broken);
    }

    @Test
    void everyPackageSaysWhatItIsForInOneSentence() throws IOException {
        var broken = new TreeSet<String>();
        Path sources = Path.of("src", "main", "java", "io", "dockworker");
        try (Stream<Path> entries = Files.walk(sources)) {
            for (Path directory : entries.filter(Files::isDirectory).filter(one -> !one.equals(sources)).toList()) {
                Path file = directory.resolve("package-info.java");
                String text = Files.exists(file) ? Files.readString(file) : "";
                if (!text.strip().matches("(?s)/\\*\\* [A-Z].*\\. ?\\*/\\s*package " + ROOT + "(\\.[a-z]+)+;")) {
                    broken.add(file + " has no sentence");
                }
            }
        }
        assertNone(broken);
    }

    private static void onlyIn(Set<String> parts, String... packages) {
        var broken = new TreeSet<String>();
        dependencies(target -> Stream.of(packages).anyMatch(target.getName()::startsWith)).forEach(dependency -> {
            String from = part(dependency.getOriginClass());
            if (!parts.contains(from)) {
                broken.add(from + " is not among " + parts + ": " + dependency.getDescription());
            }
        });
        assertNone(broken);
    }

    private static Stream<Dependency> dependencies(Predicate<JavaClass> target) {
        return CLASSES.stream().flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(dependency -> target.test(dependency.getTargetClass().getBaseComponentType()));
    }

    private static boolean isOurs(JavaClass type) {
        return type.getPackageName().equals(ROOT) || type.getPackageName().startsWith(ROOT + ".");
    }

    private static String part(JavaClass type) {
        String name = type.getBaseComponentType().getPackageName();
        if (name.equals(ROOT)) {
            return type.getName().equals(ROOT + "." + MAIN) ? MAIN : WIRING;
        }
        return name.substring(ROOT.length() + 1);
    }

    private static Row row(String part) {
        return TABLE.stream().filter(row -> row.part().equals(part)).findFirst()
                .orElseThrow(() -> new AssertionError("the table has no row for " + part));
    }

    private static void assertNone(Set<String> broken) {
        assertTrue(broken.isEmpty(), () -> "\n" + String.join("\n", broken));
    }
}
