//! The steps that databases have run which are out there. They are never edited.

use super::sqlite::Step;

/// Certificates, authorities and the journal of the first release.
pub(super) const FIRST: Step = Step::Sql(
    "
    CREATE TABLE certificate (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        serial       TEXT    NOT NULL UNIQUE,
        state        TEXT    NOT NULL CHECK (state IN ('intended', 'issued', 'presumed_issued')),
        authority    TEXT    NOT NULL,
        subject      TEXT    NOT NULL,
        identities   TEXT    NOT NULL CHECK (json_valid(identities)),
        to_be_signed BLOB    NOT NULL,
        chain_pem    TEXT    NOT NULL DEFAULT '',
        sealed_key   BLOB,
        not_before   INTEGER NOT NULL,
        not_after    INTEGER NOT NULL,
        at           INTEGER NOT NULL,
        CHECK ((state = 'issued') = (chain_pem <> ''))
    ) STRICT;
    CREATE INDEX certificate_by_subject ON certificate (subject, state, not_after);
    CREATE INDEX certificate_open ON certificate (id) WHERE state = 'intended';

    CREATE TABLE authority (
        name       TEXT    PRIMARY KEY,
        chain_pem  TEXT    NOT NULL,
        sealed_key BLOB    NOT NULL,
        at         INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE journal (
        number   INTEGER PRIMARY KEY,
        at       INTEGER NOT NULL,
        kind     TEXT    NOT NULL,
        body     TEXT    NOT NULL,
        previous TEXT    NOT NULL,
        hash     TEXT    NOT NULL
    ) STRICT;
    -- A guard against our own mistakes; against an intruder stands the chain of hashes.
    CREATE TRIGGER journal_keeps BEFORE UPDATE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
    CREATE TRIGGER journal_stays BEFORE DELETE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
",
);

/// Keys of session tickets.
pub(super) const TICKETS: Step = Step::Sql(
    "
    CREATE TABLE ticket_key (
        starts        INTEGER PRIMARY KEY,
        sealed_secret BLOB    NOT NULL,
        at            INTEGER NOT NULL
    ) STRICT;
",
);

/// The journal, for a database that begins later.
pub(super) const JOURNAL: &str = "
    CREATE TABLE journal (
        number   INTEGER PRIMARY KEY,
        at       INTEGER NOT NULL,
        kind     TEXT    NOT NULL,
        body     TEXT    NOT NULL,
        previous TEXT    NOT NULL,
        hash     TEXT    NOT NULL
    ) STRICT;
";

/// The keys of session tickets, for a database that begins later.
pub(super) const TICKET_KEYS: &str = "
    CREATE TABLE ticket_key (
        starts        INTEGER PRIMARY KEY,
        sealed_secret BLOB    NOT NULL,
        at            INTEGER NOT NULL
    ) STRICT;
";
