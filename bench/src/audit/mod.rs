//! The auditor: a thousand templates beside Checkov and cfn-guard, the same with bad files among them, and a large plan
//! of Terraform.

mod beside;
mod estate;
pub mod page;
mod peers;
mod plan;
mod templates;

use std::path::PathBuf;

use crate::failure::Failure;

/// What is measured, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The binary that is measured.
    pub hermetic: PathBuf,
    /// The program of Checkov.
    pub checkov: PathBuf,
    /// The program of cfn-guard.
    pub guard: PathBuf,
    /// The folder with the rules of Control Tower for cfn-guard.
    pub rules: PathBuf,
    /// Runs of each figure; Checkov, which takes a minute or more, has two.
    pub runs: usize,
    /// How many templates are audited.
    pub templates: usize,
    /// How many resources the plan has, at least.
    pub resources: usize,
}

/// What was measured.
#[derive(Debug)]
pub struct Results {
    /// Runs of each figure.
    pub runs: usize,
    /// How many templates were audited.
    pub templates: usize,
    /// The templates, by each auditor, ours first.
    pub beside: Vec<beside::Auditor>,
    /// The large plan.
    pub plan: plan::Large,
}

/// Takes every figure.
pub fn measure(plan: &Plan) -> Result<Results, Failure> {
    let stage = tempfile::tempdir().map_err(|error| Failure::Setup(error.to_string()))?;
    let beside = beside::measure(plan, stage.path())?;
    let large = plan::measure(plan, stage.path())?;
    Ok(Results { runs: plan.runs, templates: plan.templates, beside, plan: large })
}
