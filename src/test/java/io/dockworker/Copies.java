package io.dockworker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Commands, each in one to five copies spread over time, as upstreams send them that were not sure whether they had:
 * under the same key as a rule, which a few have forgotten the second time.
 */
final class Copies {
    /** Of one container: a create, calls that it outlives, a remove. */
    private static final int LIFE = 20;

    /**
     * A command.
     *
     * @param end   what its result says: status and code; empty where that depends on the copy that comes first
     * @param lane  of a container, else empty
     */
    record Command(String id, String key, String json, String end, String lane) {}

    /** @param first of its command */
    record Copy(Command command, String key, boolean first, double at) {}

    final List<Command> commands = new ArrayList<>();
    /** In the order of time. */
    final List<Copy> all = new ArrayList<>();
    private final Random random;

    /** @param ids how many commands; a fifth of them in the lanes of containers */
    Copies(long seed, int ids, String image) {
        random = new Random(seed);
        for (int lane = 0; lane < ids / 5 / LIFE; lane++) {
            String name = "duplicates-it-" + lane;
            double[] times = random.doubles(LIFE).sorted().toArray();
            for (int i = 0; i < LIFE; i++) {
                String fields = i == 0
                        ? "\"type\":\"create\",\"image\":\"%s\",\"name\":\"%s\",\"pull_policy\":\"never\",\"network_mode\":\"none\",\"start\":false"
                                .formatted(image, name)
                        : "\"type\":\"%s\",\"target\":\"%s\"".formatted(i == LIFE - 1 ? "remove" : "stop", name);
                boolean moved = i > 0 && i < LIFE - 1 && random.nextInt(5) == 0;
                add(name, fields, moved ? "" : "succeeded ", name, moved, times[i]);
            }
        }
        while (commands.size() < ids) {
            String name = "absent-" + random.nextInt(100);
            boolean moved = random.nextInt(5) == 0;
            double at = random.nextDouble();
            switch (random.nextInt(4)) {
                case 0 ->
                    add(name, "\"type\":\"%s\",\"target\":\"%s\"".formatted(random.nextBoolean() ? "stop" : "remove",
                            name), "failed NOT_FOUND", "", moved, at);
                case 1 -> add(name, "\"type\":\"stop\",\"target\":\"%s\",\"force\":true".formatted(name),
                        "rejected INVALID_COMMAND", "", moved, at);
                case 2 -> add(name, "\"type\":\"start\",\"image\":\"%s\"".formatted(name), "succeeded ", "", moved, at);
                default -> add(name, "\"type\":\"cancel\",\"command_id\":\"never-%d\"".formatted(commands.size()),
                        "succeeded ", "", moved, at);
            }
        }
        all.sort(Comparator.comparingDouble(Copy::at));
    }

    private void add(String key, String fields, String end, String lane, boolean moved, double at) {
        String id = "copied-" + commands.size();
        var command = new Command(id, key, "{\"id\":\"" + id + "\"," + fields + "}", end, lane);
        commands.add(command);
        all.add(new Copy(command, key, true, at));
        double later = at;
        for (int copies = random.nextInt(5); copies > 0; copies--) {
            // At once as a rule, or long afterwards.
            later += (1 - later) * random.nextDouble() * (random.nextInt(4) == 0 ? 1 : 0.01);
            all.add(new Copy(command, moved ? key + "-" + copies : key, false, later));
        }
    }
}
