package io.dockworker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** What the way to the engine saw of each container: it knows them all by the names that they were made under. */
final class Witness {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The last word of the path of a request that only looks. */
    private static final String LOOK = "json";
    private static final Pattern OF_CONTAINER = Pattern.compile("/containers/([^/?]+)(?:/(\\w+))?(?:\\?.*)?$");
    private static final Pattern MADE = Pattern.compile("/containers/create\\?(?:.*&)?name=([^&]+)");
    private static final Pattern CONNECTED = Pattern.compile("/networks/[^/]+/connect$");
    private static final Pattern PULLED = Pattern.compile("/images/create\\?fromImage=[^&]*%2F([^&]+)%3A1");
    private static final Pattern IMAGE = Pattern.compile("/images/.*(?:/|%2F)([^/%]+)(?::|%3A)1/json$");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

    private final EngineWay way;
    private final Map<String, String> names = new ConcurrentHashMap<>();

    Witness(EngineWay way) {
        this.way = way;
    }

    /**
     * What a request is for.
     *
     * @param kind  of the engine's calls, or the one of a look
     * @param about a container or an image
     */
    private record Purpose(String kind, String about) {}

    /** Whether it is this call for the container or image of this name. */
    boolean is(EngineWay.Request request, String kind, String name) {
        return request.method().equals("GET") == kind.equals(LOOK)
                && purpose(request).filter(new Purpose(kind, name)::equals).isPresent();
    }

    boolean isLook(EngineWay.Request request, String name) {
        return is(request, LOOK, name);
    }

    /** How many such calls the engine did. */
    long done(String kind, String name, int since) {
        List<EngineWay.Forwarded> all = way.forwarded();
        return all.subList(since, all.size()).stream().filter(EngineWay.Forwarded::isDone)
                .filter(one -> is(one.request(), kind, name)).count();
    }

    /** All that was asked of the engine for it but looks, for people. */
    List<String> said(String name, int since) {
        List<EngineWay.Forwarded> all = way.forwarded();
        return all.subList(since, all.size()).stream()
                .flatMap(one -> purpose(one.request()).stream()
                        .filter(purpose -> purpose.about().equals(name) && !purpose.kind().equals(LOOK))
                        .map(purpose -> purpose.kind() + " " + one.status()))
                .toList();
    }

    private Optional<Purpose> purpose(EngineWay.Request request) {
        Matcher made = MADE.matcher(request.path());
        if (made.find()) {
            return Optional.of(new Purpose("create", plain(made.group(1))));
        }
        Matcher pulled = PULLED.matcher(request.path());
        if (pulled.find()) {
            return Optional.of(new Purpose("pull", pulled.group(1)));
        }
        Matcher image = IMAGE.matcher(request.path());
        if (image.find()) {
            return Optional.of(new Purpose(LOOK, image.group(1)));
        }
        if (CONNECTED.matcher(request.path()).find()) {
            Matcher id = ID.matcher(request.body());
            return id.find() ? Optional.of(new Purpose("connect", name(id.group()))) : Optional.empty();
        }
        Matcher of = OF_CONTAINER.matcher(request.path());
        return of.find()
                ? Optional.of(new Purpose(request.method().equals("DELETE") ? "remove" : String.valueOf(of.group(2)),
                        name(of.group(1))))
                : Optional.empty();
    }

    private String name(String nameOrId) {
        if (!ID.matcher(nameOrId).matches()) {
            return plain(nameOrId);
        }
        return Optional.ofNullable(names.computeIfAbsent(nameOrId, this::made)).orElse(nameOrId);
    }

    /** Null for one that was not made on this way. */
    private String made(String id) {
        return way.forwarded().stream().filter(one -> one.answer().indexOf(id) >= 0)
                .flatMap(one -> MADE.matcher(one.request().path()).results()).map(made -> plain(made.group(1)))
                .findFirst().orElse(null);
    }

    /** A replacement's own name is the old one's with a digest behind it. */
    private static String plain(String name) {
        return name.replaceFirst("-[0-9a-f]{12}$", "");
    }

    /** The containers of the image as they are now. */
    static List<JsonNode> containers(String image) throws IOException, InterruptedException {
        List<String> ids = Upstream.docker("ps", "-aq", "--no-trunc", "--filter", "label=managed-by=" + image).lines()
                .toList();
        if (ids.isEmpty()) {
            return List.of();
        }
        List<String> words = new ArrayList<>(List.of("inspect"));
        words.addAll(ids);
        return StreamSupport.stream(JSON.readTree(Upstream.docker(words.toArray(String[]::new))).spliterator(), false)
                .toList();
    }

    static boolean isMadeBy(JsonNode container, String command) {
        return container.path("Config").path("Labels").path("io.dockworker.command-id").asText().equals(command);
    }
}
