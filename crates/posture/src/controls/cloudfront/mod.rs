//! CloudFront: viewers to the edge, and the edge to origins.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("cloudfront-viewer-policy-https")];
