package io.dockworker.command;

import java.util.Locale;

import java.util.regex.Pattern;

/**
 * A reference to an image as someone wrote it, such as {@code nginx}, {@code ghcr.io/a/b:1.2} or {@code x@sha256:…}.
 * Two references match when their {@linkplain #normal() normal forms} are equal.
 *
 * @param given as written; labels and messages show this form
 */
public record ImageName(String given) {
    /** The grammar of distribution/reference, with its bound of 255 characters for the name. */
    private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    private static final String DOMAIN = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?";
    private static final Pattern SHAPE = Pattern.compile("(?:(?<domain>" + DOMAIN + ")/)?(?<path>" + COMPONENT + "(?:/"
            + COMPONENT + ")*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
            + "(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?");

    public ImageName {
        if (given.length() > 400 || !SHAPE.matcher(given).matches()) {
            throw new InvalidValue("an image is written [registry/]name[:tag][@digest], the name in lower case, "
                    + "as in nginx:alpine or ghcr.io/acme/web:1.2");
        }
    }

    /** Docker's normal form: {@code nginx} becomes {@code docker.io/library/nginx:latest}. */
    public String normal() {
        var parts = SHAPE.matcher(given);
        parts.matches();
        String domain = parts.group("domain");
        String path = parts.group("path");
        // The first component is a registry only if it looks like a host: with a dot or a port, or named localhost.
        if (domain != null && !isRegistry(domain)) {
            path = domain + "/" + path;
            domain = null;
        }
        if (domain == null || domain.equals("index.docker.io")) {
            domain = "docker.io";
        }
        if (domain.equals("docker.io") && path.indexOf('/') < 0) {
            path = "library/" + path;
        }
        String tag = parts.group("tag");
        String digest = parts.group("digest");
        var normal = new StringBuilder(domain).append('/').append(path);
        if (tag != null || digest == null) {
            normal.append(':').append(tag == null ? "latest" : tag);
        }
        if (digest != null) {
            normal.append('@').append(digest);
        }
        return normal.toString();
    }

    /** The last component of the name without tag and digest, such as {@code nginx}: the stem of made-up names. */
    public String stem() {
        String name = given.split("[@]", 2)[0];
        name = name.substring(name.lastIndexOf('/') + 1);
        int colon = name.indexOf(':');
        return colon < 0 ? name : name.substring(0, colon);
    }

    private static boolean isRegistry(String component) {
        return component.contains(".") || component.contains(":") || component.equals("localhost")
                || !component.equals(component.toLowerCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return given;
    }
}
