package io.dockworker.postgres;

import io.dockworker.command.InvalidValue;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a database is.
 *
 * @param jdbcUrl without user and password
 */
public record PostgresAddress(String jdbcUrl, Optional<String> user, Optional<String> password) {
    /**
     * Reads a libpq URI ({@code postgresql://user:pw@host:5432/db?sslmode=require}) or a JDBC URL.
     *
     * @throws InvalidValue if it is neither
     */
    public static PostgresAddress parse(String url) {
        if (url.startsWith("jdbc:postgresql:")) {
            return new PostgresAddress(url, Optional.empty(), Optional.empty());
        }
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new InvalidValue("no URL: percent-encode special characters in user and password");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!(scheme.equals("postgresql") || scheme.equals("postgres")) || uri.getHost() == null) {
            throw new InvalidValue("write postgresql://user:password@host:5432/database or jdbc:postgresql:…");
        }
        String[] credentials = uri.getRawUserInfo() == null ? new String[0] : uri.getRawUserInfo().split(":", 2);
        String jdbc = "jdbc:postgresql://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
                + (uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath())
                + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        return new PostgresAddress(jdbc, part(credentials, 0), part(credentials, 1));
    }

    private static Optional<String> part(String[] credentials, int index) {
        return credentials.length > index
                ? Optional.of(URLDecoder.decode(credentials[index].replace("+", "%2B"), StandardCharsets.UTF_8))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return jdbcUrl;
    }
}
