package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a worker says at {@code /metrics}, look by look; which series have moved between two looks is noted. */
final class Scrapes {
    private static final Pattern SERIES = Pattern.compile("(?m)^(\\w+(?:\\{.*})?) (\\S+)$");

    private final URI metrics;
    private Map<String, Double> last;

    Scrapes(int port) {
        metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
        last = scrape();
    }

    /** The value of a series now, which is named with its labels; 0 if there is none. */
    double value(String series) {
        return look().getOrDefault(series, 0.0);
    }

    /** All series. */
    synchronized Map<String, Double> look() {
        Map<String, Double> now = scrape();
        // A series may begin with its first value.
        now.entrySet().stream().filter(one -> !one.getValue().equals(last.getOrDefault(one.getKey(), 0.0)))
                .forEach(one -> Coverage.sawMove(one.getKey()));
        last = now;
        return now;
    }

    /** As it stands there. */
    String text() {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(HttpRequest.newBuilder(metrics).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(200, answer.statusCode(), answer::body);
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Map<String, Double> scrape() {
        return SERIES.matcher(text()).results()
                .collect(Collectors.toMap(one -> one.group(1),
                        one -> Double.valueOf(one.group(2).replace("Inf", "Infinity"))));
    }
}
