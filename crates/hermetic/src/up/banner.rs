//! What `up` says when it serves: where, with which trust, how each hop is, and the line to try.

use std::path::Path;

use anstream::println;
use hermetic_config::{Listener, Protocol, StreamClients, Termination};
use hermetic_hop::{Demand, Report};

use super::instance::Instance;
use super::plan::Plan;
use crate::output;
use crate::tour::{Ports, Standing, TourPages};

/// Prints it.
pub fn print(plan: &Plan, instance: &Instance, report: &Report) {
    let ca = instance.configuration().data.join("ca.pem");
    for listener in &instance.configuration().listeners {
        println!("{}", address(listener));
    }
    if let Some(admin) = instance.configuration().admin {
        println!("{:<10} http://{admin}/metrics", "metrics");
    }
    if let Some(publish) = instance.configuration().authority.publish {
        println!("{:<10} http://{publish}  (CRLs, OCSP)", "publishes");
    }
    println!("{:<10} {}", "authority", ca.display());
    println!();
    if let Plan::Tour { ports, .. } | Plan::Edge { ports, .. } = plan {
        println!("{}", try_it(*ports, &ca));
        if matches!(plan, Plan::Tour { .. }) {
            println!("break it   https://localhost:{}{}", ports.edge(), TourPages::PATH);
        }
        println!();
    }
    if !report.hops.is_empty() {
        println!("{}", output::hops::table(&report.hops, report.at).render(output::width()));
    }
    for line in conclusion(report, instance) {
        println!("{line}");
    }
}

/// Prints how the tour's database stands, and what the path is worth with it.
pub fn database(standing: &Standing, report: &Report) {
    match standing {
        Standing::Opening => {}
        Standing::Absent(reason) => {
            println!("{:<10} none, so the tour ends at the application: {reason}", "database")
        }
        Standing::Open(place) => {
            println!("{:<10} postgres://{place}  (keeps the visits, over TLS)", "database");
            for flow in &report.flows {
                println!("{}", output::flows::line(flow, report));
            }
        }
    }
}

fn address(listener: &Listener) -> String {
    let host = if listener.bind.ip().is_loopback() {
        "localhost".to_owned()
    } else {
        listener.bind.ip().to_string()
    };
    let (scheme, what) = match &listener.protocol {
        Protocol::Https(https) => ("https", admitted(&https.termination)),
        Protocol::Http(_) => ("http", ""),
        Protocol::Stream(stream) => match &stream.clients {
            StreamClients::Tls(termination) => ("tls", admitted(termination)),
            StreamClients::PassedThrough(_) => ("tls", "  (passes through, ends at the upstreams)"),
            StreamClients::Cleartext { exception: None } => ("tcp", "  (cleartext, on this host only)"),
            StreamClients::Cleartext { exception: Some(_) } => ("tcp", ""),
        },
        Protocol::Postgres(postgres) => match &postgres.stream.clients {
            StreamClients::Tls(termination) => ("postgres", admitted(termination)),
            StreamClients::PassedThrough(_) => ("postgres", ""),
            StreamClients::Cleartext { exception: None } => ("postgres", "  (cleartext, on this host only)"),
            StreamClients::Cleartext { exception: Some(_) } => ("postgres", ""),
        },
        Protocol::Redirect(redirect) => {
            return line(listener, "http", &host, &format!("  (redirects to {})", redirect.to));
        }
    };
    line(listener, scheme, &host, &format!("{what}{}", weakened(listener.demand().as_ref())))
}

fn line(listener: &Listener, scheme: &str, host: &str, what: &str) -> String {
    format!("{:<10} {scheme}://{host}:{}{what}", listener.name, listener.public_port)
}

fn admitted(termination: &Termination) -> &'static str {
    if termination.allow.is_some() { "  (mutual TLS, listed identities only)" } else { "" }
}

/// Nobody shall start a gateway that lets cleartext pass without being told.
fn weakened(demand: Option<&Demand>) -> String {
    let Some((demand, exception)) = demand.and_then(|demand| Some((demand, demand.exception()?))) else {
        return String::new();
    };
    format!("  ({}: {exception})", demand.mode())
}

fn try_it(ports: Ports, ca: &Path) -> String {
    format!("try        curl --cacert {} https://localhost:{}/", ca.display(), ports.edge())
}

/// A line for each flow; without flows, one for the instance.
fn conclusion(report: &Report, instance: &Instance) -> Vec<String> {
    if report.flows.is_empty() {
        let listeners = instance.configuration().listeners.len();
        let plural = if listeners == 1 { "" } else { "s" };
        return vec![format!(
            "instance: RUNNING, {listeners} listener{plural}; `hermetic hops` shows what goes through"
        )];
    }
    report.flows.iter().map(|flow| output::flows::line(flow, report)).collect()
}
