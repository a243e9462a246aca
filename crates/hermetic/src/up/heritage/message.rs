//! What a process and the one that takes its place say to each other. Both may be of different versions, so
//! that what one does not know is an error and ends the attempt before anything has changed.

use hermetic_gateway::Bind;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;

/// To the process that takes over.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToHeir {
    /// Listening sockets of this place come along.
    Sockets(Bind),
    /// The socket of metrics comes along.
    Metrics,
    /// The socket of what the authority publishes comes along.
    Publishing,
    /// The admin socket comes along.
    Admin,
    /// The lock of the data folder comes along.
    Lock,
    /// What was seen of a hop. A process of another version may not understand it, and begins to count anew.
    Seen(serde_json::Value),
    /// How many access records were lost.
    RecordsLost(u64),
    /// That was all.
    Whole,
}

/// From the process that takes over.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromHeir {
    /// It serves.
    Ready,
    /// It can't.
    Failed(Failure),
}
