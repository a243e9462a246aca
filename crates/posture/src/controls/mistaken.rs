//! Ids of other tools that people give when they ask about transport, and that are checks of something else.

/// A check of something else that people take for one of transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistaken {
    /// Its id.
    pub id: &'static str,
    /// Of what it is a check.
    pub checks: &'static str,
    /// The same tool's check of transport.
    pub instead: &'static str,
}

/// From Checkov's list of checks.
const ALL: &[Mistaken] = &[
    Mistaken { id: "CKV_AWS_5", checks: "encryption at rest of OpenSearch domains", instead: "CKV_AWS_6" },
    Mistaken { id: "CKV_AWS_19", checks: "encryption at rest of buckets", instead: "CKV_AWS_379" },
    Mistaken { id: "CKV_AWS_20", checks: "public ACLs of buckets", instead: "CKV_AWS_379" },
    Mistaken { id: "CKV_AWS_29", checks: "encryption at rest of replication groups", instead: "CKV_AWS_30" },
];

/// What that id is, where people take it for a check of transport.
pub fn mistaken(id: &str) -> Option<&'static Mistaken> {
    ALL.iter().find(|mistaken| mistaken.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::called;

    #[test]
    fn what_is_mistaken_for_a_control_is_the_id_of_none_and_leads_to_one() {
        for Mistaken { id, instead, .. } in ALL {
            assert!(called(id).next().is_none() && called(instead).next().is_some(), "{id}");
        }
        assert_eq!(mistaken("ckv_aws_20").unwrap().instead, "CKV_AWS_379");
        let meant: Vec<_> = called("CKV_AWS_379").map(|control| &*control.id).collect();
        assert_eq!(meant, ["s3-bucket-ssl-requests-only"]);
    }
}
