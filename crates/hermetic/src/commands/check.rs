//! `hermetic check`: judges a configuration by what it declares, before it runs.

use std::io;
use std::path::Path;
use std::sync::Arc;

use hermetic_config::{Configuration, ConfigurationError, Trust};
use hermetic_hop::{Observation, Report};
use hermetic_tls::{Clock, RevokedCertificates, SystemClock};
use jiff::Timestamp;

use crate::arguments::Check;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::outside::{self, OutsideError};

/// Prints hops and flows with their verdicts as far as declared evidence goes.
pub async fn run(arguments: &Check) -> Result<Exit, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let configuration = read(&arguments.config, &*clock)?;
    let probed = match arguments.probe {
        true => {
            let revoked = match believes_our_authority(&configuration) {
                true => outside::revoked(&configuration, clock.now()).await?,
                false => RevokedCertificates::default(),
            };
            outside::look(outside::sources(&configuration, &revoked).map_err(unlooked)?, &clock).await
        }
        false => Vec::new(),
    };
    let report = report(&configuration, &probed, clock.now());
    output::report::print(&report, arguments.format)?;
    Ok(Exit::of(report.falls_short()))
}

/// Of a file, or of standard input, whose relative paths start in this folder.
fn read(path: &Path, clock: &dyn Clock) -> Result<Configuration, ConfigurationError> {
    if path != Path::new("-") {
        return hermetic_config::read(path, clock);
    }
    let text = io::read_to_string(io::stdin());
    let text = text.map_err(|source| ConfigurationError::Read { path: path.to_owned(), source })?;
    hermetic_config::parse(&text, path, clock)
}

/// Whether a hop that is not ours is verified by our authority.
fn believes_our_authority(configuration: &Configuration) -> bool {
    configuration.external.iter().any(|hop| matches!(hop.trust, Trust::Authority))
}

/// The report on what a configuration declares, and on what was seen of hops that are not ours.
fn report(configuration: &Configuration, probed: &[Observation], now: Timestamp) -> Report {
    let own = configuration.hops().into_iter().map(|hop| hop.report(now));
    let external = outside::hops(configuration).map(|hop| outside::assess(&hop, probed, now));
    Report::of(own.chain(external).collect(), &configuration.flows, &configuration.requirements, now)
}

fn unlooked(error: OutsideError) -> Failure {
    Failure::unable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = r#"
[[listener]]
name = "edge"
bind = "127.0.0.1:8443"
protocol = "https"
names = ["shop.example.com"]

[[route]]
listener = "edge"
to = "app"

[[upstream]]
name = "app"
endpoints = ["10.0.1.5:8443"]
tls = { trust = "authority", name = "app.internal", identity = "edge" }

[[flow]]
name = "shop"
path = ["client", "edge", "app"]
"#;

    const CLEARTEXT: &str = r#"
[[route]]
listener = "edge"
path = "/orders"
to = "orders"

[[upstream]]
name = "orders"
endpoints = ["10.0.1.9:8080"]
mode = "observe"
cleartext = { reason = "the vendor's box speaks no TLS", owner = "shop@example.com", until = 2027-03-31 }

[[requirement]]
flows = ["shop"]
tls = "1.3"
"#;

    fn report(text: &str) -> Report {
        let now: Timestamp = "2026-11-24T02:20:11Z".parse().unwrap();
        super::report(
            &hermetic_config::parse(text, Path::new("hermetic.toml"), &Stopped(now)).unwrap(),
            &[],
            now,
        )
    }

    #[derive(Debug)]
    struct Stopped(Timestamp);

    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    #[test]
    fn a_sealed_configuration_is_told_with_the_evidence_that_it_is() {
        let report = report(SHOP);
        assert!(!report.falls_short());
        let text = output::report::text(&report, None);
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string());
    }

    #[test]
    fn cleartext_falls_short_although_an_exception_accepts_it() {
        let report = report(&format!("{CLEARTEXT}{SHOP}"));
        assert!(report.falls_short());
        let text = output::report::text(&report, None);
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string());
    }
}
