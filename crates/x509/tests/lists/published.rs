//! What is published, fetched by real clients over HTTP.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use hermetic_keys::{KeyAlgorithm, Signer};
use hermetic_tls::Serial;
use hermetic_x509::crl::{Shard, Shards};
use hermetic_x509::ocsp::{self, AnswerDraft, IssuerHashes, Refusal, SingleAnswer, Status, assemble};
use hermetic_x509::publication::{
    Dates, Document, Publisher, Request, Resource, Shelf, Site, StatusAnswer, Unavailable, answer,
};
use hermetic_x509::{Revocation, RevocationReason};

use crate::peers::Desk;
use crate::world::{Authority, Party, hours, now, ready, revocation, signature};

/// An authority that publishes, what it issued, and what it revoked.
struct World {
    authority: Authority,
    revoked: BTreeMap<Serial, Revocation>,
    /// By their shards.
    lists: Vec<Document>,
    good: Party,
    bad: Party,
    site: Site,
}

fn dates() -> Dates {
    Dates { this_update: hours(-1), next_update: hours(24) }
}

fn shards() -> Shards {
    Shards::new(4).unwrap()
}

impl World {
    /// Made, and served until the test ends.
    fn served() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let site: Site = format!("http://{address}").parse().unwrap();
        let authority = Authority::root(KeyAlgorithm::EcdsaP256);
        let issue =
            |serial: &[u8]| authority.issue_at(&site, shards().of(&Serial::from_bytes(serial)), serial);
        let (good, bad) = (issue(&[0x11; 16]), issue(&[0x12; 16]));
        let revoked = BTreeMap::from([(bad.serial.clone(), revocation(RevocationReason::Superseded))]);
        let list = |shard| {
            let mut of_shard = revoked.clone();
            of_shard.retain(|serial, _| shards().of(serial) == shard);
            let scope = site.scope(&authority.publisher, shards(), shard);
            Document::dated(authority.list(scope, &of_shard), dates())
        };
        let lists = shards().all().map(list).collect();
        let world = Arc::new(Self { authority, revoked, lists, good, bad, site });
        let shelf = Arc::clone(&world);
        std::thread::spawn(move || listener.incoming().for_each(|stream| serve(&shelf, stream.unwrap())));
        world
    }

    fn desk(&self) -> Desk {
        let desk = Desk::new();
        desk.put_pem("ca.pem", "CERTIFICATE", &[&self.authority.der])
            .put_pem("good.pem", "CERTIFICATE", &[&self.good.der])
            .put_pem("bad.pem", "CERTIFICATE", &[&self.bad.der]);
        desk
    }

    fn url(&self, resource: impl FnOnce(Publisher) -> Resource) -> String {
        self.site.url(&resource(self.authority.publisher.clone())).to_string()
    }
}

impl Shelf for World {
    async fn revocation_list(&self, of: &Publisher, shard: Shard) -> Result<Option<Document>, Unavailable> {
        let list = self.lists.get(usize::from(shard.number()));
        Ok(list.filter(|_| *of == self.authority.publisher).cloned())
    }

    async fn status(&self, of: &Publisher, request: &ocsp::Request) -> Result<StatusAnswer, Refusal> {
        let hashes = IssuerHashes::of(&self.authority.certificate).unwrap();
        if *of != self.authority.publisher || !request.certificates().iter().all(|id| id.is_of(&hashes)) {
            return Err(Refusal::Unauthorized);
        }
        let answers: Vec<_> = request
            .certificates()
            .iter()
            .map(|certificate| {
                let status = self.revoked.get(certificate.serial());
                let status = status.map_or(Status::Good, |revocation| Status::Revoked(*revocation));
                let Dates { this_update, next_update } = dates();
                SingleAnswer { certificate, status, this_update, next_update }
            })
            .collect();
        let (signer, responder) = (&self.authority.signer, self.authority.signer.public_key());
        let draft = AnswerDraft { responder, produced_at: now(), answers: &answers, nonce: request.nonce() };
        let tbs = draft.to_der().unwrap();
        let der = assemble(&tbs, signer.algorithm(), &signature(signer, &tbs), responder, &[]).unwrap();
        let document = Document::dated(der, dates());
        Ok(match request.nonce() {
            Some(_) => StatusAnswer::Fresh(document),
            None => StatusAnswer::Ahead(document),
        })
    }

    async fn certificate(&self, of: &Publisher) -> Result<Option<Document>, Unavailable> {
        let ours = *of == self.authority.publisher;
        Ok(ours.then(|| Document::undated(self.authority.der.clone())))
    }
}

/// One request, as HTTP/1.1 has it.
fn serve(shelf: &World, stream: TcpStream) {
    let mut reader = BufReader::new(&stream);
    let line = |reader: &mut BufReader<&TcpStream>| {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let start = line(&mut reader);
    let [method, path, _] = start.split(' ').collect::<Vec<_>>()[..] else { return };
    let mut fields = BTreeMap::new();
    while let Some((name, value)) = line(&mut reader).split_once(": ") {
        fields.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = fields.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let if_none_match = fields.get("if-none-match").map(String::as_str);
    let response =
        ready(answer(&shelf.site, shelf, &Request { method, path, if_none_match, body: &body }, now()));
    let mut head = format!("HTTP/1.1 {} Told\r\nconnection: close\r\n", response.status);
    response.fields.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    (&stream).write_all(&[head.as_bytes(), b"\r\n", &response.body].concat()).unwrap();
}

#[test]
fn openssl_fetches_the_list_that_a_certificate_points_to() {
    let world = World::served();
    let desk = world.desk();
    let verify = "openssl verify -CAfile ca.pem -crl_check -crl_download";
    desk.run(&format!("{verify} good.pem"));
    let said = desk.tries(&format!("{verify} bad.pem"));
    assert!(!said.success && said.text.contains("certificate revoked"), "{}", said.text);
}

#[test]
fn openssl_and_gnutls_ask_the_responder_that_a_certificate_points_to() {
    let world = World::served();
    let desk = world.desk();
    let url = desk.run("openssl x509 -in bad.pem -noout -ocsp_uri");
    assert_eq!(url, world.url(Resource::Responder));
    for nonce in ["-nonce", "-no_nonce"] {
        let told = desk.run(&format!(
            "openssl ocsp -issuer ca.pem -cert good.pem -cert bad.pem {nonce} -url {url} -CAfile ca.pem"
        ));
        assert!(told.contains("Response verify OK"), "{told}");
        assert!(told.contains("good.pem: good") && told.contains("bad.pem: revoked"), "{told}");
    }
    let asks = format!("ocsptool --ask={url} --load-issuer ca.pem --load-cert");
    assert!(desk.run(&format!("{asks} good.pem")).contains("Certificate Status: good"));
    let said = desk.tries(&format!("{asks} bad.pem"));
    assert!(said.text.contains("Certificate Status: revoked"), "{}", said.text);
}

#[test]
fn curl_asks_by_get_and_is_told_how_long_to_keep_the_answer() {
    let world = World::served();
    let desk = world.desk();
    desk.run("openssl ocsp -issuer ca.pem -cert bad.pem -no_nonce -reqout request.der");
    let base64 = desk.run("openssl base64 -A -in request.der");
    let base64 = base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let url = world.url(Resource::Responder);
    let head = desk.run(&format!("curl -sS -D - -o answer.der {url}/{base64}"));
    assert!(head.contains("content-type: application/ocsp-response"), "{head}");
    assert!(head.contains("cache-control: max-age=3600, public"), "{head}");
    let told =
        desk.run("openssl ocsp -issuer ca.pem -cert bad.pem -no_nonce -respin answer.der -CAfile ca.pem");
    assert!(told.contains("bad.pem: revoked"), "{told}");
}

#[test]
fn curl_fetches_a_list_once_and_again_only_when_it_has_changed() {
    let world = World::served();
    let desk = world.desk();
    let url = world.url(Resource::Certificate);
    let options = "--etag-save tag --etag-compare tag -w %{http_code}";
    let first = desk.run(&format!("curl -sS {options} -o ca.crt {url}"));
    assert_eq!(first, "200");
    assert_eq!(desk.take("ca.crt"), world.authority.der);
    assert_eq!(desk.run(&format!("curl -sS {options} -o again.crt {url}")), "304");

    let list = world.url(|of| Resource::RevocationList(of, Shard::new(2)));
    let head = desk.run(&format!("curl -sS -I {list}"));
    assert!(head.contains("content-type: application/pkix-crl"), "{head}");
    let length = desk.run(&format!("curl -sS -o list.crl -w %{{size_download}} {list}"));
    assert!(head.contains(&format!("content-length: {length}")), "{head}");
}
