//! The grade, for a person.

use std::fmt::Write as _;

use super::super::report::grade::Grade;
use super::title;
use crate::output::plain;

pub fn section(page: &mut String, grade: &Grade) {
    title(page, "Grade of SSL Labs (guide 2009r)");
    let unsure = if grade.sure { "" } else { ", or worse: not all was to be seen" };
    let ignoring = match grade.with_trust_ignored == grade.grade {
        true => String::new(),
        false => format!("; if trust is ignored: {}", grade.with_trust_ignored),
    };
    let _ = writeln!(page, "  {}{ignoring}{unsure}", grade.grade);
    let points = &grade.points;
    let _ = writeln!(
        page,
        "  points: protocols {}, key exchange {}, ciphers {}",
        points.protocols, points.key_exchange, points.ciphers
    );
    for reason in &grade.reasons {
        let _ = writeln!(page, "  at best {}: {}", reason.grade, plain(&reason.reason));
    }
}
