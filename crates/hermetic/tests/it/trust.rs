//! A root that the authority publishes while an instance runs.

use std::path::Path;
use std::sync::Arc;

use hermetic_authority::{Authority, Request, Settings, Step, World};
use hermetic_store::Store;
use hermetic_tls::{SystemClock, SystemRandomness};
use hermetic_x509::ProfileKind;

use crate::harness::{Hermetic, Nginx, curl, eventually};

/// Rolls root and intermediate over beside the instance, and has the new ones certify the application.
async fn roll_over_and_certify(folder: &Path) {
    let data = folder.join(".hermetic");
    let store = Store::open_beside(data.as_path()).await.unwrap();
    let world = World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness::default()) };
    let authority = Authority::open_with(Settings::of_folder(&data), store, world).await.unwrap();
    for name in ["root", "intermediate"] {
        for step in [Step::Prepare, Step::Publish, Step::Activate] {
            authority.step(&name.parse().unwrap(), step).await.unwrap();
        }
    }
    let names = vec!["dns:app.internal".parse().unwrap()];
    let credential = authority.issue(Request::new("app", ProfileKind::Server, names)).await.unwrap();
    // Behind the leaf only its issuer, so that the way to the root before is not offered.
    let chain: String =
        credential.chain().certificates().iter().take(2).map(|certificate| certificate.to_pem()).collect();
    std::fs::write(folder.join("origin.pem"), chain).unwrap();
    std::fs::write(folder.join("origin.key"), credential.key().expose_pem().as_bytes()).unwrap();
}

fn body(edge: &Hermetic) -> String {
    let url = format!("https://localhost:{}/", edge.ports.edge());
    String::from_utf8(curl(edge, &[&url]).stdout).unwrap()
}

#[test]
fn a_running_instance_believes_a_root_once_it_is_published() {
    let edge = Hermetic::configured(|ports, _| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"https\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n[[upstream]]\nname = \"app\"\n\
             endpoints = [\"127.0.0.1:{}\"]\ntls = {{ trust = \"authority\", name = \"app.internal\" }}\n",
            ports.edge(),
            ports.nth(1)
        )
    });
    let folder = edge.folder.path();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(roll_over_and_certify(folder));
    let port = edge.ports.nth(1);
    let http = format!(
        "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate origin.pem; ssl_certificate_key origin.key; \
         location / {{ return 200 'certified by the new root'; }} }}"
    );
    let _nginx = Nginx::start(folder, &http, port);
    assert!(body(&edge) != "certified by the new root");
    // Else it looks once a minute.
    assert!(edge.hermetic(&["reload"]).status.success());
    eventually("the new root to be believed", || (body(&edge) == "certified by the new root").then_some(()));
    let hop = edge.hop("edge", "app");
    assert_eq!(hop["verdict"], "sealed", "{hop}");
}
