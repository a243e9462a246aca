//! Certificates that stand in the code as text: whether they have ended, or soon will.

use hermetic_hop::Severity;
use hermetic_x509::Contents;
use jiff::{SignedDuration, Timestamp};

use crate::control::Control;
use crate::span::Span;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Judges all certificates of a text by `days_to_expiration`.
pub(super) fn judge(control: &Control, subject: &Subject<'_>, text: &str, at: Span) -> Judgement {
    let all: Vec<_> = blocks(text).map(end).collect();
    if all.is_empty() {
        return Judgement::unknown("no certificate stands here", at);
    }
    let judged = all.into_iter().map(|end| match end {
        Ok(end) => judge_end(control, subject, end, at),
        Err(problem) => Judgement::unknown(format!("the certificate can't be read: {problem}"), at),
    });
    judged.collect()
}

/// Judges an instant after which a certificate does not count, written as AWS writes instants.
pub(super) fn judge_date(
    control: &Control,
    subject: &Subject<'_>,
    date: Seen<std::sync::Arc<str>>,
) -> Judgement {
    match date {
        Seen::Known(text, at) => match text.parse() {
            Ok(end) => judge_end(control, subject, end, at),
            Err(_) => Judgement::unknown(format!("`{text}` is no instant"), at),
        },
        Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("when it ends is not known: {why}"), at),
    }
}

fn judge_end(control: &Control, subject: &Subject<'_>, end: Timestamp, at: Span) -> Judgement {
    let Some(now) = subject.graph.judged_at else {
        return Judgement::unknown(
            format!("it ends at {end}, and no instant was given to compare that with"),
            at,
        );
    };
    let days = control.parameters.get("days_to_expiration").and_then(toml::Value::as_integer).unwrap_or(30);
    let window = SignedDuration::from_hours(days.saturating_mul(24));
    if end <= now {
        Judgement::fail(format!("the certificate ended at {end}"), at)
    } else if end.duration_since(now) <= window {
        // There is time to renew it still.
        Judgement::fail(format!("the certificate ends at {end}, in less than {days} days"), at)
            .weighing(control.severity.min(Severity::Medium))
    } else {
        Judgement::pass(format!("the certificate ends at {end}"), at)
    }
}

/// A bundle may hold many that have nothing to do with each other, so each is read alone.
pub(super) fn blocks(text: &str) -> impl Iterator<Item = &str> {
    const END: &str = "-----END CERTIFICATE-----";
    text.split_inclusive(END).filter(|block| block.contains("-----BEGIN CERTIFICATE-----"))
}

fn end(block: &str) -> Result<Timestamp, String> {
    let contents = Contents::read(block.as_bytes(), None).map_err(|error| error.to_string())?;
    let certified = contents.certified().map_err(|error| error.to_string())?;

    Ok(certified.leaf.not_after)
}
