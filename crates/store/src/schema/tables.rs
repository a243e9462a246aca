//! The tables as they are now, in SQLite's words.

/// All but the journal and the keys of session tickets, which SQLite has had before.
pub(super) const TABLES: &str = "
    CREATE TABLE setting (
        key   TEXT PRIMARY KEY,
        value BLOB NOT NULL
    ) STRICT;

    -- A process that has the store open. It holds a lock on its id for as long as it lives.
    CREATE TABLE session (
        id      INTEGER PRIMARY KEY,
        node    TEXT    NOT NULL,
        -- How many transactions it has committed in PostgreSQL: what a lost answer is looked up by.
        commits INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE authority (
        id               INTEGER PRIMARY KEY AUTOINCREMENT,
        name             TEXT    NOT NULL,
        generation       INTEGER NOT NULL CHECK (generation > 0),
        state            TEXT    NOT NULL
                         CHECK (state IN ('pending_certificate', 'active', 'disabled', 'deleted')),
        stage            TEXT    NOT NULL CHECK (stage IN ('prepared', 'published', 'signing', 'retired')),
        parent_id        INTEGER REFERENCES authority (id),
        subject          TEXT    NOT NULL,
        key_algorithm    TEXT    NOT NULL,
        sealed_key       BLOB,
        token_key        TEXT,
        csr              BLOB,
        chain_pem        TEXT    NOT NULL DEFAULT '',
        crl_shards       INTEGER NOT NULL CHECK (crl_shards > 0),
        policy           TEXT    NOT NULL,
        not_before       INTEGER,
        not_after        INTEGER,
        -- The state that a restoration gives back, and until when it can.
        state_before     TEXT,
        restorable_until INTEGER,
        at               INTEGER NOT NULL,
        UNIQUE (name, generation),
        CHECK (state = 'deleted' OR (sealed_key IS NULL) <> (token_key IS NULL)),
        CHECK (state <> 'active' OR chain_pem <> ''),
        CHECK ((state = 'deleted') = (restorable_until IS NOT NULL)),
        CHECK ((state = 'deleted') = (state_before IS NOT NULL))
    ) STRICT;
    CREATE UNIQUE INDEX authority_signing ON authority (name) WHERE stage = 'signing' AND state <> 'deleted';

    CREATE TABLE certificate (
        id              INTEGER PRIMARY KEY AUTOINCREMENT,
        serial          TEXT    NOT NULL,
        authority_id    INTEGER REFERENCES authority (id),
        origin          TEXT    NOT NULL CHECK (origin IN ('issued', 'imported', 'self_signed')),
        state           TEXT    NOT NULL
                        CHECK (state IN ('intended', 'issued', 'presumed_issued', 'revoked')),
        profile         TEXT    NOT NULL,
        subject         TEXT    NOT NULL,
        names           TEXT    NOT NULL,
        key_algorithm   TEXT    NOT NULL,
        key_fingerprint BLOB,
        shard           INTEGER NOT NULL DEFAULT 0,
        exportable      INTEGER NOT NULL DEFAULT 0,
        exported_at     INTEGER,
        not_before      INTEGER NOT NULL,
        not_after       INTEGER NOT NULL,
        at              INTEGER NOT NULL,
        revoked_at      INTEGER,
        reason          TEXT    CHECK (reason IN ('unspecified', 'keyCompromise', 'cACompromise',
                                'affiliationChanged', 'superseded', 'cessationOfOperation',
                                'privilegeWithdrawn', 'aACompromise')),
        session         INTEGER,
        replaces        INTEGER REFERENCES certificate (id),
        requester       TEXT    NOT NULL DEFAULT '',
        -- Until the certificate is there; it holds the same bytes.
        to_be_signed    BLOB,
        certificate     BLOB,
        fingerprint     BLOB,
        -- The certificates above, where they are not those of the authority.
        chain_pem       TEXT,
        sealed_key      BLOB,
        UNIQUE (serial, authority_id),
        CHECK (origin = 'issued' OR authority_id IS NULL),
        CHECK ((state = 'revoked') = (revoked_at IS NOT NULL)),
        CHECK ((state = 'revoked') = (reason IS NOT NULL)),
        CHECK (state <> 'issued' OR certificate IS NOT NULL OR chain_pem IS NOT NULL)
    ) STRICT;
    CREATE UNIQUE INDEX certificate_outside ON certificate (fingerprint) WHERE origin <> 'issued';
    CREATE INDEX certificate_origin ON certificate (origin, id) WHERE origin <> 'issued';
    CREATE INDEX certificate_state ON certificate (state, id) WHERE state <> 'issued';
    CREATE INDEX certificate_open ON certificate (session) WHERE state = 'intended';
    CREATE INDEX certificate_revoked ON certificate (authority_id, shard) WHERE state = 'revoked';
    CREATE INDEX certificate_issuer ON certificate (authority_id, id);
    CREATE INDEX certificate_subject ON certificate (subject, id, not_after);
    CREATE INDEX certificate_expiry ON certificate (not_after, id);
    CREATE INDEX certificate_key ON certificate (key_fingerprint);

    -- A DNS name stands here with its labels turned round, so that all names below a domain are neighbours.
    CREATE TABLE certificate_name (
        name           TEXT    NOT NULL,
        certificate_id INTEGER NOT NULL,
        PRIMARY KEY (name, certificate_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX certificate_name_of ON certificate_name (certificate_id);

    CREATE TABLE certificate_use (
        session        INTEGER NOT NULL,
        subject        TEXT    NOT NULL,
        certificate_id INTEGER NOT NULL REFERENCES certificate (id),
        seen_at        INTEGER NOT NULL,
        PRIMARY KEY (session, subject)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX certificate_use_of ON certificate_use (certificate_id);

    CREATE TABLE revocation_list (
        authority_id INTEGER NOT NULL REFERENCES authority (id),
        shard        INTEGER NOT NULL,
        number       INTEGER NOT NULL,
        this_update  INTEGER NOT NULL,
        next_update  INTEGER NOT NULL,
        der          BLOB    NOT NULL,
        PRIMARY KEY (authority_id, shard)
    ) STRICT;

    CREATE TABLE ocsp_answer (
        certificate_id INTEGER PRIMARY KEY REFERENCES certificate (id),
        this_update    INTEGER NOT NULL,
        next_update    INTEGER NOT NULL,
        der            BLOB    NOT NULL
    ) STRICT;
    CREATE INDEX ocsp_answer_stale ON ocsp_answer (next_update);

    CREATE TABLE renewal (
        subject      TEXT    PRIMARY KEY,
        -- The session that renews, and until when it alone may.
        session      INTEGER,
        lease_until  INTEGER,
        failures     INTEGER NOT NULL DEFAULT 0,
        reason       TEXT,
        next_attempt INTEGER
    ) STRICT;
";
