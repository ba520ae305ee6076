-- Tells a lane whose container was removed from one whose create failed.
alter table lanes add column had_container boolean not null default false;
update lanes set had_container = true where container_id is not null;
