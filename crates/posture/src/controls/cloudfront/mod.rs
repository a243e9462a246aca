//! CloudFront: viewers to the edge, and the edge to origins.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[(include_str!("cloudfront-viewer-policy-https.toml"), None)];
