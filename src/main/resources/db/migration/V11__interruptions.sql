-- Attempts that a worker cut short when it was asked to end: no crash, and not counted as one.
alter table commands add column interruptions integer not null default 0;
