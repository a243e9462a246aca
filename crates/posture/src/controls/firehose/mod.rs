//! Data Firehose: from databases, and to the endpoints of others.

use super::Entry;

pub(super) const CONTROLS: &[Entry] =
    &[control!("firehose-database-source-ssl"), control!("firehose-destination-endpoint-https")];
