-- Attempts that a worker cut short when it was asked to end: no crash, and not counted as one.
alter table commands add column interruptions integer not null default 0;
-- The last of them, so that the same one is counted once.
alter table commands add column interrupted_attempt integer;
