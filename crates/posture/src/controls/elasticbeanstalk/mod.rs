//! Elastic Beanstalk: clients to environments.

mod listener;

use super::Entry;

pub(crate) use listener::{listeners, to_instances};

pub(super) const CONTROLS: &[Entry] =
    &[control!("elasticbeanstalk-environment-https-listener", listener::judge)];
