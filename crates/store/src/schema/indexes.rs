//! Indexes that came after the tables, for pages of a large inventory.

/// What is searched by one thing and put in order by another has an index with both. Those of states and origins
/// hold the few that are not simply issued here, and what is being issued for as long as it is.
pub(super) const INDEXES: &str = "
    CREATE INDEX certificate_fingerprint ON certificate (fingerprint);
    CREATE INDEX certificate_profile ON certificate (profile, id);
    CREATE INDEX certificate_profile_expiry ON certificate (profile, not_after, id);
    CREATE INDEX certificate_issuer_expiry ON certificate (authority_id, not_after, id);
    CREATE INDEX certificate_state_expiry ON certificate (state, not_after, id) WHERE state <> 'issued';
    CREATE INDEX certificate_origin_expiry ON certificate (origin, not_after, id) WHERE origin <> 'issued';
";

/// What SQLite's planner is to expect: a store of a million certificates. It counts nothing by itself, and
/// without a word takes every index for as good as another; a count from when the store was small would
/// mislead it later. The first number is that of rows, each other that of rows that agree so far.
pub(super) const EXPECTED: &str = "
    ANALYZE sqlite_schema;
    DELETE FROM sqlite_stat1;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('certificate', 'sqlite_autoindex_certificate_1', '1000000 1 1'),
        ('certificate', 'certificate_outside', '10000 1'),
        ('certificate', 'certificate_origin', '10000 5000 1'),
        ('certificate', 'certificate_origin_expiry', '10000 5000 5 1'),
        ('certificate', 'certificate_state', '50000 20000 1'),
        ('certificate', 'certificate_state_expiry', '50000 20000 20 1'),
        ('certificate', 'certificate_open', '50 10'),
        ('certificate', 'certificate_revoked', '40000 20000 200'),
        ('certificate', 'certificate_issuer', '1000000 250000 1'),
        ('certificate', 'certificate_issuer_expiry', '1000000 250000 5 1'),
        ('certificate', 'certificate_subject', '1000000 20 1 1'),
        ('certificate', 'certificate_expiry', '1000000 5 1'),
        ('certificate', 'certificate_profile', '1000000 250000 1'),
        ('certificate', 'certificate_profile_expiry', '1000000 250000 5 1'),
        ('certificate', 'certificate_fingerprint', '1000000 1'),
        ('certificate', 'certificate_key', '1000000 2'),
        ('certificate_name', 'certificate_name', '2000000 20 1'),
        ('certificate_name', 'certificate_name_of', '2000000 2'),
        ('certificate_use', 'certificate_use', '1000 10 1'),
        ('certificate_use', 'certificate_use_of', '1000 2');
    ANALYZE sqlite_schema;
";
