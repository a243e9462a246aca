//! What authorities are called in certificates.

use const_oid::db::rfc4519::CN;
use hermetic_keys::PublicKey;
use hermetic_store::Generation;
use hermetic_x509::DistinguishedName;

use super::create::NewAuthority;
use crate::error::AuthorityError;

/// The subject of a generation. Each has its own, so that none is taken for another: the one that was asked
/// for and, from the second generation on, its number behind the common name; else `Hermetic root 1a2b3c4d`.
pub(super) fn of(
    new: &NewAuthority,
    generation: &Generation,
    key: &PublicKey,
) -> Result<DistinguishedName, AuthorityError> {
    match &new.policy.subject {
        Some(asked) => numbered(asked, generation.generation),
        None => {
            let id: String = key.id().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            Ok(format!("CN=Hermetic {} {id}", new.name).parse()?)
        }
    }
}

fn numbered(asked: &str, generation: u32) -> Result<DistinguishedName, AuthorityError> {
    let asked: DistinguishedName = asked.parse()?;
    if generation < 2 {
        return Ok(asked);
    }
    let mut parts: Vec<String> = Vec::new();
    let mut is_numbered = false;
    for part in asked.parsed().iter_rdn() {
        let is_common_name = part.iter().any(|attribute| attribute.oid == CN);
        let number = if is_common_name && !is_numbered { format!(" G{generation}") } else { String::new() };
        is_numbered |= is_common_name;
        parts.push(format!("{part}{number}"));
    }
    if !is_numbered {
        parts.push(format!("CN=G{generation}"));
    }
    // RFC 4514 section 2.1: the last part is written first.
    parts.reverse();
    Ok(parts.join(",").parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_has_a_subject_of_its_own() {
        let subject = |asked, generation| numbered(asked, generation).unwrap().to_string();
        assert_eq!(subject("CN=Example CA,O=Example", 1), "CN=Example CA,O=Example");
        assert_eq!(subject("CN=Example CA,O=Example", 2), "CN=Example CA G2,O=Example");
        assert_eq!(subject("O=Example,C=DE", 3), "CN=G3,O=Example,C=DE");
    }
}
