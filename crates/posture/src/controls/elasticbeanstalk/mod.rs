//! Elastic Beanstalk: clients to environments.

mod listener;

use super::Entry;

pub(super) const CONTROLS: &[Entry] =
    &[control!("elasticbeanstalk-environment-https-listener", listener::judge)];
