use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::*;
use crate::testing::{Authority, answer, policy, server, server_settings};
use crate::{ServerHandshake, ServerSettings};

fn name() -> DnsName {
    "app.test".parse().unwrap()
}

fn serving(policy_name: &str) -> ServerHandshake {
    let credential = Authority::new("A").issue(&["app.test"]);
    server(ServerSettings { policy: policy(policy_name), ..server_settings(credential) })
}

/// One connection to the server.
async fn seen(server: &ServerHandshake, trial: &SessionTrial) -> SessionSeen {
    let (near, far) = tokio::io::duplex(1 << 16);
    let serving = async {
        let mut stream = answer(server, near).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.ok();
    };
    tokio::join!(serving, trial.handshake(far)).1.unwrap()
}

#[tokio::test]
async fn a_ticket_is_gone_on_with_and_says_for_how_long() {
    for (form, policy) in
        [(SessionForm::Psk, "mozilla/modern"), (SessionForm::Ticket, "mozilla/intermediate")]
    {
        let server = serving(policy);
        let trial = SessionTrial::new(form, Some(&name()), b"").unwrap();
        let first = seen(&server, &trial).await;
        assert!(!first.resumed && !first.given.is_empty(), "{first:?}");
        // What the library calls it may change with it; the lifetime must not get lost.
        let lifetime = first.given[0].lifetime.expect("the server says for how long");
        assert!(lifetime >= Duration::from_secs(60), "{lifetime:?}");
        assert_eq!(first.given[0].early_data, 0, "our own server takes none");
        assert!(seen(&server, &trial).await.resumed, "{form:?}");
    }
}

#[tokio::test]
async fn a_server_that_remembers_nothing_goes_on_with_no_id() {
    let server = serving("mozilla/intermediate");
    let trial = SessionTrial::new(SessionForm::Id, Some(&name()), b"").unwrap();
    assert!(!seen(&server, &trial).await.resumed);
    assert!(!seen(&server, &trial).await.resumed);
}

#[tokio::test]
async fn the_scheme_by_which_a_server_signed_is_told_and_a_refusal_is_one() {
    let server = serving("mozilla/modern");
    let asked = async |schemes: &[SignatureScheme]| {
        let (near, far) = tokio::io::duplex(1 << 16);
        let serving = async {
            if let Ok(mut stream) = answer(&server, near).await {
                stream.read_to_end(&mut Vec::new()).await.ok();
            }
        };
        let name = name();
        tokio::join!(serving, signed_by(far, Some(&name), schemes, b"")).1
    };
    let all: Vec<_> = SignatureScheme::all().collect();
    assert_eq!(asked(&all).await.unwrap(), SignatureScheme(0x0403));
    let refused = asked(&[SignatureScheme(0x0804)]).await.unwrap_err();
    assert!(matches!(refused, HandshakeError::PeerAlert(_)), "{refused:?}");
}
