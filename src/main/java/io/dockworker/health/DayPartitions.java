package io.dockworker.health;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The partitions of {@code health_snapshots}. Their names say their days, since PostgreSQL shows bounds in the session's
 * time zone. One worker at a time changes them, and none waits long for a lock: readers would queue behind it.
 */
final class DayPartitions {
    private static final String PREFIX = "health_snapshots_";
    private static final DateTimeFormatter NAME = DateTimeFormatter.BASIC_ISO_DATE;
    /** Any number that no other lock of ours has. */
    private static final long LOCK = 0x6865616C7468L;

    private final Jdbi jdbi;
    private final Consumer<Handle> right;

    /** @param right called last in each transaction; throws if this writer has a successor */
    DayPartitions(Jdbi jdbi, Consumer<Handle> right) {
        this.jdbi = jdbi;
        this.right = right;
    }

    /**
     * Makes the partition of a UTC day where it is missing. Attaching a finished table locks out neither readers nor
     * writers, which making it in place would.
     */
    void create(LocalDate day) {
        jdbi.useTransaction(transaction -> {
            alone(transaction);
            if (!exists(transaction, day)) {
                transaction.execute("create table " + name(day)
                        + " (like health_snapshots including defaults including constraints including storage)");
                transaction.execute("alter table health_snapshots attach partition " + name(day)
                        + " for values from ('" + day + " 00:00:00+00') to ('" + day.plusDays(1) + " 00:00:00+00')");
            }
            right.accept(transaction);
        });
    }

    /** The days before this one that have a partition. */
    List<LocalDate> before(LocalDate first) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                where i.inhparent = 'health_snapshots'::regclass order by c.relname""").mapTo(String.class).list())
                .stream().flatMap(DayPartitions::day).filter(day -> day.isBefore(first)).toList();
    }

    /** Drops a whole day, if nobody has done so meanwhile. */
    void drop(LocalDate day) {
        jdbi.useTransaction(transaction -> {
            alone(transaction);
            transaction.execute("drop table if exists " + name(day));
            right.accept(transaction);
        });
    }

    private static void alone(Handle transaction) {
        transaction.execute("set local lock_timeout = '5s'");
        transaction.execute("select pg_advisory_xact_lock(?)", LOCK);
    }

    private static boolean exists(Handle transaction, LocalDate day) {
        Optional<String> found = transaction.createQuery("select to_regclass(:name)::text").bind("name", name(day))
                .mapTo(String.class).findOne();
        return found.isPresent();
    }

    private static String name(LocalDate day) {
        return PREFIX + NAME.format(day);
    }

    /** Tables that somebody else attached are left alone. */
    private static Stream<LocalDate> day(String table) {
        try {
            return table.startsWith(PREFIX)
                    ? Stream.of(LocalDate.parse(table.substring(PREFIX.length()), NAME))
                    : Stream.empty();
        } catch (DateTimeParseException _) {
            return Stream.empty();
        }
    }
}
