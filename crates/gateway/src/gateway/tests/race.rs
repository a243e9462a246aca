//! A revocation that comes while a handshake is under way.

use std::net::{SocketAddr, TcpStream};
use std::process::Child;
use std::sync::mpsc;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer, KeyIdMethod, KeyPair,
    RevokedCertParams, SerialNumber,
};

use super::*;

/// An authority of clients in a folder, with two CRLs: `before.crl` has nobody, `after.crl` has `client.pem`.
fn authority(folder: &Path) {
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    write("ca.pem", params.self_signed(&key).unwrap().pem());
    let issuer = Issuer::new(params, key);
    let serial = SerialNumber::from(4711);
    let mut client = CertificateParams::new(vec!["client.test".to_owned()]).unwrap();
    client.serial_number = Some(serial.clone());
    let key = KeyPair::generate().unwrap();
    write("client.pem", client.signed_by(&key, &issuer).unwrap().pem());
    write("client.key", key.serialize_pem());
    for (name, revoked) in [("before.crl", Vec::new()), ("after.crl", vec![serial])] {
        let entry = |serial_number| RevokedCertParams {
            serial_number,
            revocation_time: rcgen::date_time_ymd(2020, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: rcgen::date_time_ymd(2020, 1, 1),
            next_update: rcgen::date_time_ymd(4000, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.into_iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        write(name, list.signed_by(&issuer).unwrap().pem().unwrap());
    }
    let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    write("cert.pem", server.self_signed(&key).unwrap().pem());
    write("key.pem", key.serialize_pem());
}

fn text(port: u16, service: u16, crl: &str) -> String {
    format!(
        "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{port}\"\nprotocol = \"tls\"\n\
         certificate = {{ cert = \"cert.pem\", key = \"key.pem\" }}\n\
         clients = \"required\"\nclient_ca = \"ca.pem\"\nclient_crl = [\"{crl}\"]\n\
         [[route]]\nlistener = \"edge\"\nto = \"service\"\n\
         [[upstream]]\nname = \"service\"\nendpoints = [\"127.0.0.1:{service}\"]\n"
    )
}

/// Gives back what it hears.
fn echo() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
        }
    });
    port
}

/// A way to the gateway that is connected at once, and over which nothing goes before it is told.
fn held(gateway: SocketAddr) -> (u16, mpsc::Sender<()>, mpsc::Receiver<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (go, told) = mpsc::channel();
    let (connected, is_connected) = mpsc::channel();
    std::thread::spawn(move || {
        let far = TcpStream::connect(gateway).unwrap();
        connected.send(()).unwrap();
        let (near, _) = listener.accept().unwrap();
        told.recv().unwrap();
        let (up, down) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut &up, &mut &far));
        let _ = std::io::copy(&mut &down, &mut &near);
        let _ = near.shutdown(std::net::Shutdown::Both);
    });
    (port, go, is_connected)
}

fn client(folder: &Path, port: u16) -> Child {
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-servername", "localhost", "-cert", "client.pem", "-key", "client.key"])
        .args(["-connect", &format!("127.0.0.1:{port}")])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl is needed; `cargo xtask test` installs it");
    client.stdin.as_mut().unwrap().write_all(b"word").unwrap();
    client
}

#[tokio::test]
async fn a_client_that_was_verified_before_it_was_revoked_and_entered_after_is_refused_too() {
    let folder = tempfile::tempdir().unwrap();
    authority(folder.path());
    let ([port, _], service) = (free(), echo());
    let (configuration, snapshot) = built(&text(port, service, "before.crl"), folder.path(), BOUND);
    let gateway = started(&configuration, snapshot);
    let (way, go, connected) = held((Ipv4Addr::LOCALHOST, port).into());
    connected.recv().unwrap();
    let mut late = client(folder.path(), way);
    // The worker takes connections in their order, so the one that is held has begun when this one is served.
    let mut early = client(folder.path(), port);
    let mut heard = [0; 4];
    early.stdout.as_mut().unwrap().read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"word");

    let (_, after) = built(&text(port, service, "after.crl"), folder.path(), BOUND);
    gateway.replace(after, Sockets::default(), Duration::from_secs(60)).await.unwrap();
    assert_eq!(early.stdout.as_mut().unwrap().read(&mut heard).unwrap(), 0, "what stood has ended");
    go.send(()).unwrap();
    assert_eq!(late.stdout.as_mut().unwrap().read(&mut heard).unwrap(), 0, "nothing comes back");
    let counts = gateway
        .observations()
        .into_iter()
        .find(|seen| seen.hop.to_string() == "client → edge")
        .unwrap()
        .counts;
    assert_eq!((counts.connections, counts.ended.get("revoked")), (1, Some(&1)));
    assert_eq!(counts.refused_certificates.get("revoked"), Some(&1));
    for mut client in [early, late] {
        client.kill().unwrap();
        client.wait().unwrap();
    }
}
