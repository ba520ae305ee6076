-- What has changed, in the order in which it became visible, so that readers can go on from where they were. Numbers from
-- a sequence alone would not do: a transaction that commits late would slip in behind a reader. So rows are ordered by
-- transaction, and only those are read that are older than every transaction still under way.
create table changes (
    xact      xid8 not null default pg_current_xact_id(),
    seq       bigint generated always as identity,
    kind      text not null,
    reference text not null,
    at        timestamptz not null default clock_timestamp(),
    primary key (xact, seq)
);
create index changes_by_time on changes (at);

-- The last change that was forgotten: who has read less than this has missed something.
create table changes_forgotten (
    only_one boolean primary key default true check (only_one),
    xact     xid8 not null,
    seq      bigint not null
);

-- For lists that are read page by page, the latest first.
create index commands_by_arrival on commands (received_at, id) where child = 0;
create index events_in_order on events (at, event_id);
drop index events_by_time;
