//! Finding a policy by what people write.

use super::SecurityPolicy;

/// A policy name that is not known, or that several services have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyNameError {
    /// Nobody has it.
    #[error(
        "no security policy is called `{name}`{}; `hermetic tls policies` lists them",
        nearest.as_deref().map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
    )]
    Unknown {
        /// The name as given.
        name: String,
        /// The full name of the most similar policy, where one is similar.
        nearest: Option<String>,
    },
    /// Several services have it.
    #[error("`{name}` is ambiguous; write {}", candidates.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(" or "))]
    Ambiguous {
        /// The name as given.
        name: String,
        /// The full names that it could mean.
        candidates: Vec<String>,
    },
}

impl SecurityPolicy {
    /// The policy called `service/name`, or `name` where only one service has it.
    pub fn named(name: &str) -> Result<&'static SecurityPolicy, PolicyNameError> {
        let is_it = |policy: &SecurityPolicy| match name.split_once('/') {
            Some((service, bare)) => policy.service == service && policy.name == bare,
            None => policy.name == name,
        };
        let found: Vec<&SecurityPolicy> = Self::all().iter().filter(|policy| is_it(policy)).collect();
        match found.as_slice() {
            [policy] => Ok(policy),
            [] => Err(PolicyNameError::Unknown { name: name.to_owned(), nearest: most_similar(name) }),
            several => Err(PolicyNameError::Ambiguous {
                name: name.to_owned(),
                candidates: several.iter().map(|policy| policy.full_name()).collect(),
            }),
        }
    }
}

/// The full name of the policy whose name takes the fewest edits, and not more than a third of it; among
/// equals, the one whose service is most like what was written.
fn most_similar(written: &str) -> Option<String> {
    let written = written.to_ascii_lowercase();
    let (_, bare) = written.split_once('/').unwrap_or(("", &written));
    let edits = |policy: &SecurityPolicy| edit_distance(bare, &policy.name.to_ascii_lowercase());
    let nearest = SecurityPolicy::all().iter().min_by_key(|policy| {
        (edits(policy), edit_distance(&written, &policy.full_name().to_ascii_lowercase()))
    })?;
    (edits(nearest) <= nearest.name.len() / 3).then(|| nearest.full_name())
}

/// How many characters have to be added, removed or replaced to get from one to the other (Levenshtein).
fn edit_distance(from: &str, to: &str) -> usize {
    // Distances from what was read of `from` to each beginning of `to` but the empty one.
    let mut row: Vec<usize> = (1..=to.chars().count()).collect();
    let mut distance = row.len();
    for (read, from_char) in from.chars().enumerate() {
        let (mut diagonal, mut left) = (read, read + 1);
        for (above, to_char) in row.iter_mut().zip(to.chars()) {
            let replaced = diagonal + usize::from(from_char != to_char);
            left = replaced.min(left + 1).min(*above + 1);
            diagonal = std::mem::replace(above, left);
        }
        distance = left;
    }
    distance
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(name: &str) -> String {
        SecurityPolicy::named(name).unwrap_err().to_string()
    }

    #[test]
    fn every_policy_is_found_by_its_full_name() {
        for policy in SecurityPolicy::all() {
            assert_eq!(SecurityPolicy::named(&policy.full_name()), Ok(policy));
        }
    }

    #[test]
    fn a_bare_name_is_enough_where_one_service_has_it() {
        for (bare, full) in [
            ("ELBSecurityPolicy-TLS13-1-2-2021-06", "elb/ELBSecurityPolicy-TLS13-1-2-2021-06"),
            ("TLSv1.2_2021", "cloudfront/TLSv1.2_2021"),
            ("modern", "mozilla/modern"),
            ("old", "mozilla-5.8/old"),
        ] {
            assert_eq!(SecurityPolicy::named(bare).unwrap().full_name(), full);
        }
    }

    #[test]
    fn a_bare_name_that_several_services_have_is_refused_with_all_of_them() {
        let ambiguous =
            "`intermediate` is ambiguous; write `mozilla/intermediate` or `mozilla-5.7/intermediate`";
        assert_eq!(error("intermediate"), ambiguous);
        assert_eq!(
            SecurityPolicy::named("ELBSecurityPolicy-2016-08"),
            Err(PolicyNameError::Ambiguous {
                name: "ELBSecurityPolicy-2016-08".into(),
                candidates: vec![
                    "clb/ELBSecurityPolicy-2016-08".into(),
                    "elb/ELBSecurityPolicy-2016-08".into()
                ],
            })
        );
    }

    #[test]
    fn an_unknown_name_gets_the_nearest_known_one() {
        for (written, meant) in [
            ("ELBSecurityPolicy-TLS13-1-2-2021-6", "elb/ELBSecurityPolicy-TLS13-1-2-2021-06"),
            ("elbsecuritypolicy-tls13-1-2-2021-06", "elb/ELBSecurityPolicy-TLS13-1-2-2021-06"),
            ("aws/ELBSecurityPolicy-TLS13-1-3-2021-06", "elb/ELBSecurityPolicy-TLS13-1-3-2021-06"),
            ("mozila/intermediate", "mozilla/intermediate"),
            ("modren", "mozilla/modern"),
            ("TLSv1.2-2021", "cloudfront/TLSv1.2_2021"),
        ] {
            let nearest = Some(meant.to_owned());
            let unknown = PolicyNameError::Unknown { name: written.to_owned(), nearest };
            assert_eq!(SecurityPolicy::named(written), Err(unknown));
        }
        assert!(error("modren").contains("did you mean `mozilla/modern`?"), "{}", error("modren"));
    }

    #[test]
    fn a_name_like_no_other_gets_no_suggestion() {
        for written in ["", "/", "foo", "mozilla/", "a policy of my own"] {
            let unknown = PolicyNameError::Unknown { name: written.to_owned(), nearest: None };
            assert_eq!(SecurityPolicy::named(written), Err(unknown));
        }
    }

    #[test]
    fn distances_are_those_of_the_textbook() {
        for (from, to, distance) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("flaw", "lawn", 2), ("", "", 0)]
        {
            assert_eq!(edit_distance(from, to), distance, "{from} to {to}");
        }
    }

    proptest! {
        #[test]
        fn a_distance_is_the_same_both_ways_and_zero_only_for_equals(a in "[a-c]{0,8}", b in "[a-c]{0,8}") {
            prop_assert_eq!(edit_distance(&a, &b), edit_distance(&b, &a));
            prop_assert_eq!(edit_distance(&a, &b) == 0, a == b);
        }
    }
}
