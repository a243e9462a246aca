//! Which property an attribute is called after: `ssl_policy` is `SslPolicy`, `default_action` is `DefaultActions`.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::schema::{Properties, Shape};

/// A property and its shape.
type Known = Option<(&'static str, &'static Shape)>;

/// The properties that attributes are called after, by where the properties are listed. It fills as it is asked.
#[derive(Default)]
pub(super) struct Names(RefCell<HashMap<usize, HashMap<Box<str>, Known>>>);

impl Names {
    /// The property that an attribute is called after.
    pub fn property(&self, properties: &'static Properties, attribute: &str) -> Known {
        let listed = std::ptr::from_ref(properties).addr();
        let mut known = self.0.borrow_mut();
        let known = known.entry(listed).or_default();
        if let Some(property) = known.get(attribute) {
            return *property;
        }
        let property = property(properties, attribute);
        known.insert(attribute.into(), property);
        property
    }
}

/// By the same letters, whatever their case; or in the plural; or with the word that CloudFormation likes to add.
fn property(properties: &'static Properties, attribute: &str) -> Known {
    let attribute: String = attribute.chars().filter(|c| *c != '_').collect();
    let spelt = |wanted: &str| {
        let found = properties.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(name, shape)| (&**name, shape))
    };
    let stem = attribute.strip_suffix('y').unwrap_or(&attribute);
    spelt(&attribute)
        .or_else(|| spelt(&format!("{attribute}s")))
        .or_else(|| spelt(&format!("{stem}ies")))
        .or_else(|| spelt(&format!("{attribute}es")))
        .or_else(|| spelt(&format!("{attribute}uration")).filter(|_| attribute.ends_with("config")))
        .or_else(|| spelt(attribute.strip_suffix("uration")?))
        .or_else(|| spelt(attribute.strip_suffix('s')?))
        .or_else(|| spelt(&format!("{attribute}configuration")))
        .or_else(|| spelt(&format!("{attribute}config")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    fn of(kind: &str, attribute: &str) -> Option<&'static str> {
        Names::default().property(schema::properties(kind).unwrap(), attribute).map(|(name, _)| name)
    }

    #[test]
    fn most_attributes_are_called_as_their_properties_are() {
        let listener = "AWS::ElasticLoadBalancingV2::Listener";
        assert_eq!(of(listener, "ssl_policy"), Some("SslPolicy"));
        assert_eq!(of(listener, "default_action"), Some("DefaultActions"));
        assert_eq!(of(listener, "tags_all"), None);
        assert_eq!(of("AWS::RDS::DBInstance", "ca_cert_identifier"), None);
    }
}
