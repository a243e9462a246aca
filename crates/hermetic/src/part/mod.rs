//! A part of the tour.

/// Runs the part to its end.
#[expect(clippy::todo, reason = "the seam that the data plane is joined at")]
pub async fn run() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    todo!()
}
