//! What a database of RDS is: its engine, its version and its parameter group, also where it takes them from another.

use std::sync::Arc;

use crate::controls::parameter_group::Attachment;
use crate::controls::relation::{Meant, meant};
use crate::path::Path;
use crate::subject::{Seen, Subject};
use crate::value::Unknown;
use crate::version::Version;

/// Instances and their parameter groups.
pub(super) static INSTANCES: Attachment = Attachment {
    database: "AWS::RDS::DBInstance",
    property: || path!("DBParameterGroupName"),
    group: "AWS::RDS::DBParameterGroup",
    name: || path!("DBParameterGroupName"),
};

/// Clusters and theirs.
pub(super) static CLUSTERS: Attachment = Attachment {
    database: "AWS::RDS::DBCluster",
    property: || path!("DBClusterParameterGroupName"),
    group: "AWS::RDS::DBClusterParameterGroup",
    name: || path!("DBClusterParameterGroupName"),
};

/// The engine, in lower case.
pub(crate) fn engine(database: &Subject<'_>) -> Seen<Arc<str>> {
    match inherited(database, path!("Engine")) {
        Seen::Known(engine, at) => Seen::Known(engine.to_ascii_lowercase().into(), at),
        Seen::Absent(at) => {
            let why = "Engine is not written; it is that of what the database is restored from";
            Seen::Unknown(Arc::new(Unknown::Because(why.into())), at)
        }
        unknown @ Seen::Unknown(..) => unknown,
    }
}

/// The version, where it is written and known.
pub(super) fn version(database: &Subject<'_>) -> Option<Version> {
    Version::read(&inherited(database, path!("EngineVersion")).known()?)
}

/// What a database is a replica of.
pub(super) enum Source<'g> {
    /// Of nothing.
    None,
    /// Of one that is declared too.
    Declared(Subject<'g>),
    /// Of one that is not.
    Elsewhere,
}

/// The database that this one is a replica of.
pub(super) fn source<'g>(database: &Subject<'g>) -> Source<'g> {
    let kind = &*database.resource.kind;
    let (property, name) = match kind {
        "AWS::RDS::DBInstance" => (path!("SourceDBInstanceIdentifier"), path!("DBInstanceIdentifier")),
        _ => (path!("SourceDBClusterIdentifier"), path!("DBClusterIdentifier")),
    };
    match database.value(property) {
        Seen::Absent(_) => Source::None,
        Seen::Known(value, _) => match meant(database, value, kind, name) {
            Meant::Declared(source) if source.id != database.id => Source::Declared(source),
            _ => Source::Elsewhere,
        },
        Seen::Unknown(..) => Source::Elsewhere,
    }
}

/// A replica has what its source has, where it says nothing itself.
fn inherited(database: &Subject<'_>, property: &Path) -> Seen<Arc<str>> {
    match database.text(property) {
        Seen::Absent(at) => match source(database) {
            Source::Declared(source) => source.text(property),
            Source::None | Source::Elsewhere => Seen::Absent(at),
        },
        seen => seen,
    }
}
