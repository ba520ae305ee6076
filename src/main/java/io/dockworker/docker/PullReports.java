package io.dockworker.docker;

import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem.ProgressDetail;
import io.dockworker.command.ImageName;
import io.dockworker.command.PullProgress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Tells one listener how pulls go on: for each image at most once a second, however many pulls of it there are, and
 * what was held back for that when the second is over.
 */
final class PullReports {
    private final Executor aSecondLater;
    /** Of the images that were told of in the last second, what has come since. */
    private final Map<String, Optional<PullProgress>> heldBack = new HashMap<>();
    private Consumer<PullProgress> listener = _ -> {};

    PullReports() {
        this(CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS));
    }

    PullReports(Executor aSecondLater) {
        this.aSecondLater = aSecondLater;
    }

    /** @param listener is called while the pull waits, so it must be quick */
    synchronized void to(Consumer<PullProgress> listener) {
        this.listener = listener;
    }

    /** For one pull. */
    OfPull of(ImageName image) {
        return new OfPull(image);
    }

    private synchronized void report(PullProgress progress) {
        if (heldBack.computeIfPresent(progress.image().normal(), (_, _) -> Optional.of(progress)) == null) {
            tell(progress);
        }
    }

    private void tell(PullProgress progress) {
        String image = progress.image().normal();
        heldBack.put(image, Optional.empty());
        aSecondLater.execute(() -> goOn(image));
        listener.accept(progress);
    }

    private synchronized void goOn(String image) {
        heldBack.remove(image).ifPresent(this::tell);
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
            report(new PullProgress(image, (int) layers.values().stream().filter(Layer::done).count(), layers.size(),
                    layers.values().stream().mapToLong(Layer::current).sum(),
                    layers.values().stream().mapToLong(Layer::total).sum()));
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
