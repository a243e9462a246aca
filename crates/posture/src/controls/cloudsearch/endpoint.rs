//! Endpoints of search domains, as Terraform has them: a block that is there once, or not at all.

use crate::control::Control;
use crate::subject::{Seen, Subject, bool_of};
use crate::verdict::Judgement;

/// Judges whether HTTPS is enforced.
pub(super) fn https(_: &Control, domain: &Subject<'_>) -> Judgement {
    let options = domain.all(path!("endpoint_options[].enforce_https"));
    match options.into_iter().next().map(|enforced| enforced.and_then(bool_of)) {
        Some(Seen::Known(true, at)) => Judgement::pass("enforce_https is true", at),
        Some(Seen::Known(false, at)) => Judgement::fail("enforce_https is false", at),
        Some(Seen::Absent(at)) => Judgement::fail("enforce_https is not set, which is false", at),
        Some(Seen::Unknown(why, at)) => Judgement::unknown(format!("enforce_https: {why}"), at),
        None => Judgement::fail("there are no endpoint_options, so HTTP is taken too", domain.resource.at),
    }
}
