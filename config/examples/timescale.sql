-- The table that config/examples/telegraf.conf writes with outputs.postgresql. TimescaleDB's three lines are at the end;
-- without them it is a plain PostgreSQL table, which does for a single gym. docs/fleet.md.
CREATE TABLE treadmill (
    "time" timestamptz NOT NULL,
    site text,
    machine text NOT NULL,
    host text,
    seq double precision,
    phase text,
    action text,
    session text,
    session_id text,
    step_name text,
    step_i double precision,
    step_done double precision,
    hr_bpm double precision,
    zone double precision,
    cap_bpm double precision,
    incline_pct double precision,
    incline_target_pct double precision,
    speed_kmh double precision,
    speed_target_kmh double precision,
    elapsed_s double precision,
    distance_m double precision,
    ascent_m double precision,
    vam_m_h double precision,
    above_cap_s double precision
);
CREATE INDEX treadmill_of_machine ON treadmill (machine, "time" DESC);

-- What a climb was: one line per session.
CREATE VIEW climb AS
SELECT
    site,
    machine,
    session_id,
    max(session) AS session,
    min("time") AS began,
    max(elapsed_s) AS elapsed_s,
    max(distance_m) AS distance_m,
    max(ascent_m) AS ascent_m,
    avg(hr_bpm) FILTER (WHERE phase = 'running') AS hr_mean_bpm,
    max(hr_bpm) AS hr_highest_bpm
FROM treadmill
WHERE session_id IS NOT NULL
GROUP BY site, machine, session_id;

-- TimescaleDB only:
-- CREATE EXTENSION IF NOT EXISTS timescaledb;
-- SELECT create_hypertable('treadmill', 'time');
-- SELECT add_retention_policy('treadmill', INTERVAL '2 years');
