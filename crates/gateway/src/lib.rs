//! The data plane. One direction, a file for each stage:
//! accept → hello → select → handshake → identify → guard → route → upstream → relay → record.

pub mod framing;
pub mod path;
