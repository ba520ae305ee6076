-- One row for each health sample. Days are partitions, so that retention drops tables instead of deleting rows.
-- There is no default partition: it would have to be searched whenever a day is added.
-- Wide columns come first, so that none is padded.
CREATE TABLE health_snapshots (
    sampled_at         timestamptz NOT NULL,
    memory_bytes       bigint      NOT NULL,
    memory_limit_bytes bigint,
    network_rx_bytes   bigint,
    network_tx_bytes   bigint,
    block_read_bytes   bigint,
    block_write_bytes  bigint,
    pids               bigint,
    cpu_usage          real        NOT NULL,
    memory_usage       real        NOT NULL,
    disk_usage         real,
    cpu_cores          real        NOT NULL,
    cpu_limit_cores    real,
    interval_seconds   integer     NOT NULL,
    restart_count      integer     NOT NULL,
    container_id       text        COLLATE "C" NOT NULL,
    name               text        NOT NULL,
    image              text        NOT NULL,
    host               text        NOT NULL,
    status             text        NOT NULL,
    docker_health      text        NOT NULL,
    reasons            text[]      NOT NULL,
    -- Read backwards for the latest; makes a batch whose commit was in doubt safe to send again.
    PRIMARY KEY (container_id, sampled_at)
) PARTITION BY RANGE (sampled_at);
