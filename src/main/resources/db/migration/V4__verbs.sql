-- What the lane's container is made of, so that it can be replaced by one that differs in some fields.
alter table lanes add column spec text;

-- Commands that were cancelled before they came.
create table cancellations (
    id text primary key,
    at timestamptz not null default clock_timestamp()
);
