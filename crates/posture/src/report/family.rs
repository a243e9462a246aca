//! The family of parameter groups that a database takes: its engine, and as much of its version as AWS counts.

use crate::graph::Resource;
use crate::value::Node;
use crate::version::Version;

/// The family, where the engine and its version are written.
pub(super) fn of(resource: &Resource) -> Option<String> {
    let text = |property| match &resource.properties.entry(property)?.node {
        Node::Text(text) => Some(text.to_ascii_lowercase()),
        _ => None,
    };
    if let Some(family) = text("Family") {
        return Some(family);
    }
    let written = text("EngineVersion")?;
    let Version(major, minor, _) = Version::read(&written)?;
    let engine = match &*resource.kind {
        "AWS::DocDB::DBCluster" => "docdb".to_owned(),
        "AWS::Neptune::DBCluster" => "neptune".to_owned(),
        _ => text("Engine")?,
    };
    match engine.as_str() {
        // They count by the first number alone since version 10.
        "postgres" | "aurora-postgresql" if major >= 10 => Some(format!("{engine}{major}")),
        // The first families of Neptune are one.
        "neptune" if (major, minor) < (1, 2) => Some("neptune1".to_owned()),
        _ if !written.contains('.') => None,
        _ if engine.starts_with("sqlserver-") || engine.starts_with("db2-") => {
            Some(format!("{engine}-{major}.{minor}"))
        }
        _ => Some(format!("{engine}{major}.{minor}")),
    }
}
