-- A command names its lane while it is open, and then no longer: so the key below keeps every lane that has work.
update commands set lane = null where state = 'done';
-- Commands whose lane was lost get one again, and with it their turn.
insert into lanes (lane, host, image, last_seq)
    select lane, host, '', max(seq) from commands
    where lane is not null and lane not in (select lane from lanes) group by lane, host;
create index commands_by_lane on commands (lane) where lane is not null;
alter table commands add foreign key (lane) references lanes;
