//! What of a configuration holds for an audit. The rest is read, and need not hold: who audits has neither the
//! certificates nor the policies that it names.

use std::path::Path;

use crate::model::AuditTerms;
use crate::problem::{ConfigurationError, Problems};
use crate::{check, written};

/// Reads what a configuration's text says to an audit; `path` names it in errors.
pub fn parse_audit_terms(text: &str, path: &Path) -> Result<AuditTerms, ConfigurationError> {
    let mut problems = Problems::new(text);
    let terms = written::read(text, &mut problems).map(|written| check::audit_terms(&written, &mut problems));
    match terms {
        Some(terms) if problems.is_empty() => Ok(terms),
        _ => Err(ConfigurationError::Invalid { path: path.to_owned(), problems: problems.in_order() }),
    }
}
