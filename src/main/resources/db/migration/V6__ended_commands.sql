-- Which container an ended command was about: its lane may be gone by then.
alter table commands add column container text;
create index commands_by_container on commands (container) where container is not null;
