//! `hermetic guard`: the rules by which requests are refused, mended or counted, and what they do on the
//! listeners of a configuration.

pub mod listeners;
pub mod rules;
