//! What AWS's services can do, and on which resources: the space that a proof is about.

mod resource;

use std::sync::LazyLock;

pub use resource::{Reached, ResourceError};

/// From AWS's Service Authorization Reference: a block for each service, its types of resources with their ARNs,
/// and its actions with the types that they act on.
const TABLE: &str = include_str!("actions.txt");

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| read(TABLE));

/// A service.
#[derive(Debug)]
pub struct Service {
    /// Its prefix, as actions and ARNs have it.
    pub name: &'static str,
    /// Its types of resources.
    pub types: Vec<ResourceType>,
    /// Its actions that act on resources.
    pub actions: Vec<ServiceAction>,
}

/// A type of resource.
#[derive(Debug)]
pub struct ResourceType {
    /// Its name.
    pub name: &'static str,
    /// How its ARNs look, with `${…}` for what differs.
    pub arn: &'static str,
}

/// An action.
#[derive(Debug)]
pub struct ServiceAction {
    /// Its name without the service.
    pub name: &'static str,
    /// Its name with the service, in lower case: so documents have it once they are read.
    pub(crate) folded: String,
    /// The names of the types that it acts on.
    pub types: Vec<&'static str>,
}

impl Service {
    /// All services that are known, by name.
    pub fn all() -> &'static [Self] {
        &SERVICES
    }

    /// The service with this prefix.
    pub fn named(name: &str) -> Option<&'static Self> {
        SERVICES.iter().find(|service| service.name.eq_ignore_ascii_case(name))
    }

    /// The condition key that tells the version of TLS, where the service has one.
    pub fn tls_version_key(&self) -> Option<&'static str> {
        match self.name {
            "s3" => Some("s3:TlsVersion"),
            "s3express" => Some("s3express:TlsVersion"),
            "s3-object-lambda" => Some("s3-object-lambda:TlsVersion"),
            _ => None,
        }
    }
}

fn read(table: &'static str) -> Vec<Service> {
    let mut services: Vec<Service> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        match (words.next(), services.last_mut()) {
            (Some("service"), _) => {
                let name = words.next().unwrap_or_default();
                services.push(Service { name, types: Vec::new(), actions: Vec::new() });
            }
            (Some("type"), Some(service)) => {
                let (name, arn) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                service.types.push(ResourceType { name, arn });
            }
            (Some(name), Some(service)) => {
                let folded = format!("{}:{name}", service.name).to_ascii_lowercase();
                service.actions.push(ServiceAction { name, folded, types: words.collect() })
            }
            _ => {}
        }
    }
    services
}

#[cfg(test)]
mod tests {
    use super::Service;

    #[test]
    fn every_action_acts_on_types_that_are_known() {
        assert!(Service::all().len() > 40);
        for service in Service::all() {
            assert!(!service.actions.is_empty(), "{}", service.name);
            for action in &service.actions {
                for kind in &action.types {
                    assert!(
                        service.types.iter().any(|it| it.name == *kind),
                        "{}:{}",
                        service.name,
                        action.name
                    );
                }
            }
        }
    }
}
