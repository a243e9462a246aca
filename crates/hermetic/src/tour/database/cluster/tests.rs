//! The cluster with the real PostgreSQL, met by the application's client.

use std::sync::Arc;

use hermetic_authority::{Authority, Request, World};
use hermetic_hop::Transport;
use hermetic_store::Store;
use hermetic_tls::{Credential, Identity, SystemClock, SystemRandomness};
use hermetic_x509::ProfileKind;

use super::*;
use crate::part::protocol::Role;
use crate::tour::database::binaries;
use crate::tour::parts::pem;
use crate::visits::{PostgresVisits, Server, declared};

/// An authority, and what it issues for the database.
struct Issuer {
    authority: Authority,
    _data: tempfile::TempDir,
}

impl Issuer {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let world = World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness::default()) };
        let store = Store::open(data.path()).await.unwrap();
        Self { authority: Authority::open(data.path(), store, world).await.unwrap(), _data: data }
    }

    async fn issue(&self) -> Credential {
        let identities = vec![Identity::host("database.hermetic.internal").unwrap()];
        let lifetime = Duration::from_secs(3600);
        let request = Request::new("database", ProfileKind::Server, identities).living(lifetime);
        self.authority.issue(request).await.unwrap()
    }
}

fn issued(credential: &Credential) -> Issued {
    Issued::of(declared().name.to, Role::Listener, credential)
}

fn plan(certificate: &Credential) -> Plan {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let path = std::env::var_os("PATH");
    Plan {
        programs: binaries::find(path.as_deref()).expect("PostgreSQL; `cargo xtask test` installs it"),
        folder: std::env::temp_dir().join(format!("hermetic-cluster-{}-{port}", std::process::id())),
        port,
        user: "visits".to_owned(),
        password: "secret".to_owned(),
        certificate: issued(certificate),
    }
}

/// The serial number of the certificate that whoever connects now is shown.
async fn shown(plan: &Plan, issuer: &Issuer) -> String {
    let server = Server {
        host: "127.0.0.1".to_owned(),
        port: plan.port,
        via: None,
        identity: Identity::host("database.hermetic.internal").unwrap(),
        anchors: pem(&issuer.authority.trust_anchors().unwrap()),
        database: "postgres".to_owned(),
        user: plan.user.clone(),
        password: Some(plan.password.clone()),
    };
    let visits = PostgresVisits::open(server, Arc::new(SystemClock)).await.unwrap();
    let Transport::Tls(facts) = visits.observation().latest.unwrap().transport else { panic!("cleartext") };
    facts.server.unwrap().serial
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_whoever_connects_next() {
    let issuer = Issuer::new().await;
    let (first, second) = (issuer.issue().await, issuer.issue().await);
    let plan = plan(&first);
    let cluster = Cluster::start(&plan).await.unwrap();
    let serial = |credential: &Credential| credential.chain().leaf().serial.to_string();
    assert_eq!(shown(&plan, &issuer).await, serial(&first));
    cluster.renew(&issued(&second)).unwrap();
    // The server reads it when it gets to its signal.
    let renewed = async {
        while shown(&plan, &issuer).await != serial(&second) {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), renewed).await.unwrap();
    cluster.stop().await;
    assert!(!plan.folder.exists());
}

#[tokio::test]
async fn a_port_in_use_is_told_and_nothing_is_left() {
    let issuer = Issuer::new().await;
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let plan = Plan { port, ..plan(&issuer.issue().await) };
    let error = Cluster::start(&plan).await.unwrap_err().to_string();
    assert!(error.contains("Address already in use") && error.contains("--port-base"), "{error}");
    assert!(!plan.folder.exists());
}
