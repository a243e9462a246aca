//! The users of a `postgres` listener, by what the gateway knows of them.

use std::path::PathBuf;

use super::default;
use super::table::{Optional, Required, table};
use super::text::Line;

table! {
    /// Users whose SCRAM login ends at the gateway. It knows their verifiers, which must be the very
    /// ones that the upstream has, and no password.
    Users in "users" {
        /// The file, as PgBouncer has it: `"user" "SCRAM-SHA-256$…"` a line.
        #[schemars(extend("examples" = ["userlist.txt"]))]
        file: Required<PathBuf>,
    }
}

table! {
    /// How the upstream is asked for a user's verifier.
    AuthQuery in "auth_query" {
        /// The user that asks.
        #[schemars(extend("examples" = ["hermetic_auth"]))]
        user: Required<Line>,
        /// The file with that user's password alone.
        #[schemars(extend("examples" = ["hermetic_auth.password"]))]
        password_file: Required<PathBuf>,
        /// The database that it asks in.
        #[schemars(extend("default" = default::AUTH_DATABASE))]
        database: Optional<Line>,
        /// The query. It takes the user as `$1`, and gives one row of two columns: user and verifier.
        #[schemars(extend("default" = default::AUTH_QUERY))]
        query: Optional<Line>,
    }
}
