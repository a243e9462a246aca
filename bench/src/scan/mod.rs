//! The scanner: one endpoint in full beside sslscan, sslyze and testssl.sh, and many endpoints, near, far and not
//! there.

mod beside;
mod crowd;
mod nginx;
pub mod page;
mod peers;
mod questions;
mod relay;

use std::path::PathBuf;

use crate::failure::Failure;
use crate::stage::Stage;

/// What is measured, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The binary that is measured.
    pub hermetic: PathBuf,
    /// The program of sslyze.
    pub sslyze: PathBuf,
    /// Runs of each figure; testssl.sh, which takes a minute or more, has one.
    pub runs: usize,
    /// How many endpoints are scanned fast; half as many are as well.
    pub endpoints: u32,
    /// How many endpoints are far away.
    pub far: u32,
    /// How many targets that are not there stand in a file; a tenth of them does as well.
    pub absent: u32,
}

/// What was measured.
#[derive(Debug)]
pub struct Results {
    /// Runs of each figure.
    pub runs: usize,
    /// One endpoint in full, by each scanner, ours first.
    pub beside: Vec<beside::Scanner>,
    /// Many endpoints by a few questions each.
    pub fast: Vec<crowd::Crowd>,
    /// Endpoints that are far away, in full.
    pub far: crowd::Crowd,
    /// Targets that are not there.
    pub absent: Vec<crowd::Absent>,
}

/// Takes every figure.
pub fn measure(plan: &Plan, cores: usize) -> Result<Results, Failure> {
    let stage = Stage::build(cores)?;
    let nginx = nginx::Nginx::start(&stage)?;
    let beside = beside::measure(plan, &stage, &nginx)?;
    let half = plan.endpoints.div_ceil(2);
    let fast =
        vec![crowd::fast(plan, &stage, &nginx, half)?, crowd::fast(plan, &stage, &nginx, plan.endpoints)?];
    let far = crowd::far(plan, &stage, &nginx)?;
    let tenth = plan.absent.div_ceil(10);
    let absent = vec![crowd::absent(plan, &stage, tenth)?, crowd::absent(plan, &stage, plan.absent)?];
    Ok(Results { runs: plan.runs, beside, fast, far, absent })
}
