package io.dockworker.postgres;

import io.dockworker.command.InvalidValue;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.PGProperty;

/**
 * Where a database is and as whom to go there, read from libpq's URI
 * ({@code postgresql://user:password@host:5432/database?sslmode=require}, PostgreSQL manual 32.1.1.2) or from a JDBC
 * url. {@link #toString()} shows no secret, and neither does any error.
 *
 * @param jdbcUrl without user and password; its parameters go before what {@link Database} sets
 * @param user    empty: the driver's default, which is the user of this process
 */
public record PostgresAddress(String jdbcUrl, Optional<String> user, Optional<String> password) {
    private static final String JDBC = "jdbc:postgresql:";
    private static final Pattern LIBPQ = Pattern.compile("postgres(?:ql)?://", Pattern.CASE_INSENSITIVE);
    private static final Pattern HOST = Pattern.compile("(?<host>\\[[0-9a-fA-F:.]+]|[A-Za-z0-9_.-]*)(?::(?<port>.*))?");
    private static final Pattern SECRET = Pattern.compile("([?&][^=&]*password[^=&]*=)[^&]*", Pattern.CASE_INSENSITIVE);
    private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    /** libpq's words for what the driver calls otherwise. */
    private static final Map<String, String> RENAMED = Map.ofEntries(Map.entry("application_name", "ApplicationName"),
            Map.entry("fallback_application_name", "ApplicationName"), Map.entry("connect_timeout", "connectTimeout"),
            Map.entry("keepalives", "tcpKeepAlive"), Map.entry("target_session_attrs", "targetServerType"),
            Map.entry("load_balance_hosts", "loadBalanceHosts"), Map.entry("channel_binding", "channelBinding"),
            Map.entry("gssencmode", "gssEncMode"), Map.entry("krbsrvname", "kerberosServerName"),
            Map.entry("sslnegotiation", "sslNegotiation"));
    private static final Map<String, String> SERVER_TYPES = Map.of("any", "any", "primary", "primary", "read-write",
            "primary", "standby", "secondary", "read-only", "secondary", "prefer-standby", "preferSecondary");

    /** @throws InvalidValue if it is neither form; the message says what to write and repeats no secret */
    public static PostgresAddress parse(String text) {
        String url = text.strip();
        if (url.startsWith(JDBC)) {
            return fromJdbc(url);
        }
        var scheme = LIBPQ.matcher(url);
        if (!scheme.lookingAt()) {
            throw new InvalidValue("write postgresql://user:password@host:5432/database, "
                    + "or a JDBC url that starts with " + JDBC + "//");
        }
        return fromLibpq(url.substring(scheme.end()));
    }

    private static PostgresAddress fromJdbc(String url) {
        int query = url.indexOf('?');
        String base = query < 0 ? url : url.substring(0, query);
        if (base.indexOf('@') >= 0) {
            throw new InvalidValue("a JDBC url names its user as a parameter, ?user=…&password=…; "
                    + "for user:password@host start with postgresql://");
        }
        if (base.startsWith(JDBC + "//")) {
            String rest = base.substring(JDBC.length() + 2);
            int slash = rest.indexOf('/');
            hosts(slash < 0 ? rest : rest.substring(0, slash), Optional.empty());
        }
        Map<String, String> asked = new TreeMap<>();
        for (Parameter each : query(query < 0 ? "" : url.substring(query + 1), true)) {
            asked.put(known(each.name()), each.value());
        }
        return assemble(base, Optional.empty(), Optional.empty(), asked);
    }

    private static PostgresAddress fromLibpq(String rest) {
        int query = rest.indexOf('?');
        String before = query < 0 ? rest : rest.substring(0, query);
        int slash = before.indexOf('/');
        String authority = slash < 0 ? before : before.substring(0, slash);
        String database = decode(slash < 0 ? "" : before.substring(slash + 1), "the database's name", false);
        // The last @: one that stands bare in a password is better understood than refused.
        int at = authority.lastIndexOf('@');
        String[] login = at < 0 ? new String[0] : authority.substring(0, at).split(":", 2);
        Optional<String> user = login.length > 0 && !login[0].isEmpty()
                ? Optional.of(decode(login[0], "the user", false))
                : Optional.empty();
        Optional<String> password = login.length > 1
                ? Optional.of(decode(login[1], "the password", false))
                : Optional.empty();

        String host = authority.substring(at + 1);
        Optional<String> port = Optional.empty();
        Map<String, String> asked = new TreeMap<>();
        for (Parameter each : query(query < 0 ? "" : rest.substring(query + 1), false)) {
            switch (each.name()) {
                case "host", "hostaddr" -> host = each.value();
                case "port" -> port = Optional.of(each.value());
                case "dbname" -> database = each.value();
                default -> {
                    String name = known(RENAMED.getOrDefault(each.name(), each.name()));
                    if (each.name().startsWith("fallback_")) {
                        asked.putIfAbsent(name, each.value());
                    } else {
                        asked.put(name, translated(each));
                    }
                }
            }
        }
        return assemble(JDBC + "//" + hosts(host, port) + "/" + encode(database), user, password, asked);
    }

    private static PostgresAddress assemble(String jdbcUrl, Optional<String> user, Optional<String> password,
            Map<String, String> asked) {
        Optional<String> askedUser = Optional.ofNullable(asked.remove("user"));
        Optional<String> askedPassword = Optional.ofNullable(asked.remove("password"));
        String parameters = asked.entrySet().stream().map(each -> each.getKey() + "=" + encode(each.getValue()))
                .collect(Collectors.joining("&"));
        return new PostgresAddress(parameters.isEmpty() ? jdbcUrl : jdbcUrl + "?" + parameters,
                askedUser.or(() -> user), askedPassword.or(() -> password));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String translated(Parameter parameter) {
        return switch (parameter.name()) {
            case "keepalives" -> Boolean.toString(!parameter.value().equals("0"));
            case "load_balance_hosts" -> Boolean.toString(parameter.value().equals("random"));
            case "target_session_attrs" -> {
                String type = SERVER_TYPES.get(parameter.value());
                if (type == null) {
                    throw new InvalidValue("target_session_attrs is any, read-write, read-only, primary, "
                            + "standby or prefer-standby");
                }
                yield type;
            }
            default -> parameter.value();
        };
    }

    /** Hosts as the driver wants them, each with its port. libpq allows several, separated by commas. */
    private static String hosts(String list, Optional<String> ports) {
        String[] portOf = ports.map(text -> text.split(",", -1)).orElse(new String[0]);
        List<String> hosts = new ArrayList<>();
        for (String one : list.split(",", -1)) {
            if (one.startsWith("/") || one.toLowerCase(Locale.ROOT).startsWith("%2f")) {
                throw new InvalidValue("Unix sockets are not supported: name a host, such as localhost");
            }
            var parts = HOST.matcher(one);
            if (!parts.matches()) {
                throw new InvalidValue("the host cannot be read: write special characters of user and "
                        + "password percent-encoded (@ as %40, / as %2F, : as %3A)");
            }
            String host = parts.group("host").isEmpty() ? "localhost" : parts.group("host");
            String port = parts.group("port");
            if (port == null && portOf.length > 0) {
                port = portOf.length == 1 ? portOf[0] : portOf[Math.min(hosts.size(), portOf.length - 1)];
            }
            hosts.add(host + ":" + port(port));
        }
        return String.join(",", hosts);
    }

    private static int port(String text) {
        if (text == null || text.isEmpty()) {
            return 5432;
        }
        // The text is not shown: a password with a bare slash in it ends up here.
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > 65_535) {
            throw new InvalidValue("the port is a number from 1 to 65535 (if the password has a /, "
                    + "write it as %2F)");
        }
        return port;
    }

    private static List<Parameter> query(String text, boolean plusIsSpace) {
        List<Parameter> parameters = new ArrayList<>();
        for (String pair : text.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new InvalidValue("parameters are written ?name=value&name=value");
            }
            String name = decode(pair.substring(0, equals), "a parameter's name", plusIsSpace);
            parameters.add(new Parameter(name, decode(pair.substring(equals + 1), name, plusIsSpace)));
        }
        return parameters;
    }

    private static String known(String name) {
        if (PGProperty.forName(name) == null) {
            throw new InvalidValue("unknown connection parameter " + name
                    + ": libpq's sslmode, sslrootcert, connect_timeout, application_name, options, "
                    + "target_session_attrs, … or one of the JDBC driver's are understood");
        }
        return name;
    }

    private static String decode(String text, String what, boolean plusIsSpace) {
        if (BROKEN_ESCAPE.matcher(text).find()) {
            throw new InvalidValue(what + " has a % that two hexadecimal digits must follow: "
                    + "write a plain % as %25");
        }
        return URLDecoder.decode(plusIsSpace ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** For people and logs: the password is hidden, and so is every parameter that holds one. */
    @Override
    public String toString() {
        String login = user.map(name -> name + (password.isPresent() ? ":***" : "") + "@").orElse("");
        return SECRET.matcher(jdbcUrl.substring("jdbc:".length())).replaceAll("$1***").replaceFirst("//",
                Matcher.quoteReplacement("//" + login));
    }

    private record Parameter(String name, String value) {}
}
