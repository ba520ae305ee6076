-- A worker that ends in order says so: only then may another take an engine that cannot be locked.
alter table hosts add column released boolean not null default false;

-- Placement counts the containers of each host.
create index lanes_by_host on lanes (host);
