package io.dockworker.docker;

import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem.ProgressDetail;
import io.dockworker.command.ImageName;
import io.dockworker.command.PullProgress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Tells one listener how pulls go on: for each image at most once a second, however many pulls of it there are. */
final class PullReports {
    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private final LongSupplier nanos;
    private final ConcurrentHashMap<String, Long> told = new ConcurrentHashMap<>();
    private volatile Consumer<PullProgress> listener = _ -> {};

    /** @param nanos the time, as {@link System#nanoTime()} has it */
    PullReports(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** @param listener is called while the pull waits, so it must be quick */
    void to(Consumer<PullProgress> listener) {
        this.listener = listener;
    }

    /** For one pull. */
    OfPull of(ImageName image) {
        return new OfPull(image);
    }

    private boolean mayTell(String image) {
        long now = nanos.getAsLong();
        // Entries count for a second only, so that there never are more than images pulled within one.
        told.values().removeIf(last -> now - last >= PAUSE_NANOS);
        return told.putIfAbsent(image, now) == null;
    }

    /** Adds up what the engine tells line by line. */
    final class OfPull {
        private final ImageName image;
        private final Map<String, Layer> layers = new HashMap<>();

        private record Layer(boolean done, long current, long total) {}

        private OfPull(ImageName image) {
            this.image = image;
        }

        void add(PullResponseItem item) {
            String status = item.getStatus();
            // The first line bears the tag where later ones have the layer.
            if (item.getId() == null || status == null || status.startsWith("Pulling from ")) {
                return;
            }
            layers.merge(item.getId(), new Layer(false, 0, 0), (known, _) -> known);
            layers.computeIfPresent(item.getId(), (_, known) -> next(known, status, item.getProgressDetail()));
            if (mayTell(image.normal())) {
                listener.accept(new PullProgress(image, (int) layers.values().stream().filter(Layer::done).count(),
                        layers.size(), layers.values().stream().mapToLong(Layer::current).sum(),
                        layers.values().stream().mapToLong(Layer::total).sum()));
            }
        }

        private static Layer next(Layer known, String status, ProgressDetail detail) {
            return switch (status) {
                case "Downloading" -> detail == null || detail.getCurrent() == null || detail.getTotal() == null
                        ? known
                        : new Layer(false, detail.getCurrent(), detail.getTotal());
                case "Download complete" -> new Layer(false, known.total(), known.total());
                case "Pull complete", "Already exists" -> new Layer(true, known.total(), known.total());
                default -> known;
            };
        }
    }
}
