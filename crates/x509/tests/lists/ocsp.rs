//! Our answers before those who ask.

use hermetic_keys::{KeyAlgorithm, LocalSigner, Signer};
use hermetic_x509::RevocationReason;
use hermetic_x509::ocsp::{
    AnswerDraft, CertificateId, HashAlgorithm, IssuerHashes, Refusal, Request, SingleAnswer, Status, assemble,
};

use crate::peers::Desk;
use crate::world::{Authority, KINDS, Party, hours, now, revocation, signature};

/// A root, and certificates that are good, revoked and none of its own.
struct World {
    root: Authority,
    good: Party,
    bad: Party,
    unknown: Party,
}

/// Who signs.
struct Responder<'a> {
    signer: &'a LocalSigner,
    /// The certificates that go along.
    with: Vec<&'a [u8]>,
}

impl World {
    fn new(kind: KeyAlgorithm) -> Self {
        let root = Authority::root(kind);
        let issue = |byte: u8| root.issue(&[byte; 16]);
        Self { good: issue(0x11), bad: issue(0x91), unknown: issue(0x71), root }
    }

    fn desk(&self) -> Desk {
        let desk = Desk::new();
        desk.put_pem("ca.pem", "CERTIFICATE", &[&self.root.der])
            .put_pem("good.pem", "CERTIFICATE", &[&self.good.der])
            .put_pem("bad.pem", "CERTIFICATE", &[&self.bad.der])
            .put_pem("unknown.pem", "CERTIFICATE", &[&self.unknown.der]);
        desk
    }

    fn itself(&self) -> Responder<'_> {
        Responder { signer: &self.root.signer, with: Vec::new() }
    }

    fn status(&self, of: &CertificateId) -> Status {
        let hashes = IssuerHashes::of(&self.root.certificate).unwrap();
        match of {
            id if !id.is_of(&hashes) => Status::Unknown,
            id if *id.serial() == self.good.serial => Status::Good,
            id if *id.serial() == self.bad.serial => {
                Status::Revoked(revocation(RevocationReason::KeyCompromise))
            }
            _ => Status::Unknown,
        }
    }

    fn answer(&self, responder: &Responder<'_>, request: &Request) -> Vec<u8> {
        let answers: Vec<_> =
            request.certificates().iter().map(|certificate| self.single(certificate)).collect();
        let draft = AnswerDraft {
            responder: responder.signer.public_key(),
            produced_at: now(),
            answers: &answers,
            nonce: request.nonce(),
        };
        sign(responder, &draft)
    }

    fn single<'a>(&self, certificate: &'a CertificateId) -> SingleAnswer<'a> {
        let status = self.status(certificate);
        SingleAnswer { certificate, status, this_update: hours(-1), next_update: hours(24) }
    }
}

fn sign(responder: &Responder<'_>, draft: &AnswerDraft<'_>) -> Vec<u8> {
    let Responder { signer, with } = responder;
    let tbs = draft.to_der().unwrap();
    assemble(&tbs, signer.algorithm(), &signature(signer, &tbs), signer.public_key(), with).unwrap()
}

/// What openssl asks about these, and hears. It makes a nonce for each run, so that the one which checks the
/// nonce is another than the one which tells the states.
fn asks(desk: &Desk, world: &World, responder: &Responder<'_>, about: &str) -> String {
    desk.run(&format!("openssl ocsp -issuer ca.pem {about} -reqout request.der"));
    let request = Request::read(&desk.take("request.der")).unwrap();
    desk.put("answer.der", world.answer(responder, &request));
    let hears = "openssl ocsp -issuer ca.pem -respin answer.der -CAfile ca.pem";
    let told = desk.run(&format!("{hears} -reqin request.der"));
    assert_eq!(told, "Response verify OK", "nor a word of the nonce");
    desk.run(&format!("{hears} -no_nonce {about}"))
}

#[test]
fn openssl_hears_all_three_states_by_every_kind_of_key() {
    for kind in KINDS {
        let world = World::new(kind);
        let about = "-cert good.pem -cert bad.pem -cert unknown.pem";
        let told = asks(&world.desk(), &world, &world.itself(), about);
        assert!(told.contains("Response verify OK"), "{kind}: {told}");
        assert!(told.contains("good.pem: good"), "{kind}: {told}");
        assert!(
            told.contains("bad.pem: revoked") && told.contains("Reason: keyCompromise"),
            "{kind}: {told}"
        );
        assert!(told.contains("unknown.pem: unknown"), "{kind}: {told}");
    }
}

#[test]
fn openssl_believes_a_responder_that_the_authority_delegated_to() {
    for kind in KINDS {
        let world = World::new(kind);
        let delegate = world.root.delegate();
        let responder = Responder { signer: &delegate.signer, with: vec![&delegate.der] };
        let told = asks(&world.desk(), &world, &responder, "-cert bad.pem");
        assert!(told.contains("Response verify OK") && told.contains("bad.pem: revoked"), "{kind}: {told}");
    }
}

#[test]
fn openssl_finds_what_it_named_by_sha_256() {
    let world = World::new(KeyAlgorithm::EcdsaP256);
    let told = asks(&world.desk(), &world, &world.itself(), "-sha256 -cert good.pem");
    assert!(told.contains("Response verify OK") && told.contains("good.pem: good"), "{told}");
}

#[test]
fn an_answer_that_was_signed_ahead_is_for_everybody() {
    let world = World::new(KeyAlgorithm::EcdsaP256);
    let desk = world.desk();
    let hashes = IssuerHashes::of(&world.root.certificate).unwrap();
    let id = CertificateId::new(&hashes, HashAlgorithm::Sha1, &world.bad.serial).unwrap();
    let answers = [world.single(&id)];
    let responder = world.root.signer.public_key();
    let draft = AnswerDraft { responder, produced_at: now(), answers: &answers, nonce: None };
    desk.put("answer.der", sign(&world.itself(), &draft));
    let told =
        desk.run("openssl ocsp -issuer ca.pem -cert bad.pem -no_nonce -respin answer.der -CAfile ca.pem");
    assert!(told.contains("Response verify OK") && told.contains("bad.pem: revoked"), "{told}");
    desk.lints("lint_ocsp_response", "answer.der");
}

#[test]
fn answers_pass_pkilint_and_gnutls() {
    for kind in KINDS {
        let world = World::new(kind);
        let desk = world.desk();
        let delegate = world.root.delegate();
        let delegated = Responder { signer: &delegate.signer, with: vec![&delegate.der] };
        // A responder with a certificate of its own is found in the answer; an authority is told to GnuTLS.
        for (responder, by) in [(world.itself(), "--load-signer"), (delegated, "--load-trust")] {
            asks(&desk, &world, &responder, "-cert bad.pem");
            desk.lints("lint_ocsp_response", "answer.der");
            let told =
                desk.run(&format!("ocsptool --verify-response --load-response answer.der {by} ca.pem"));
            assert!(told.contains("Verifying OCSP Response: Success"), "{kind}: {told}");
            assert!(told.contains("Certificate Status: revoked"), "{kind}: {told}");
            assert!(told.contains("Nonce"), "{kind}: {told}");
        }
    }
}

#[test]
fn gnutls_asks_and_is_answered() {
    let world = World::new(KeyAlgorithm::EcdsaP256);
    let desk = world.desk();
    desk.run("ocsptool --generate-request --load-issuer ca.pem --load-cert good.pem --outfile request.der");
    let request = Request::read(&desk.take("request.der")).unwrap();
    desk.put("answer.der", world.answer(&world.itself(), &request));
    let told = desk.run("ocsptool --response-info --load-response answer.der");
    assert!(told.contains("Certificate Status: good"), "{told}");
}

#[test]
fn refusals_are_told_by_openssl_by_their_names() {
    for (refusal, name) in [
        (Refusal::MalformedRequest, "malformedrequest (1)"),
        (Refusal::InternalError, "internalerror (2)"),
        (Refusal::TryLater, "trylater (3)"),
        (Refusal::Unauthorized, "unauthorized (6)"),
    ] {
        let desk = Desk::new();
        desk.put("answer.der", refusal.to_der());
        let told = desk.tries("openssl ocsp -respin answer.der -noverify").text;
        assert!(told.contains(name), "{told}");
        desk.lints("lint_ocsp_response", "answer.der");
    }
}

#[test]
fn a_signature_of_another_key_is_put_behind_no_answer() {
    let (world, other) = (World::new(KeyAlgorithm::EcdsaP256), World::new(KeyAlgorithm::EcdsaP256));
    let draft = AnswerDraft {
        responder: world.root.signer.public_key(),
        produced_at: now(),
        answers: &[],
        nonce: None,
    };
    let tbs = draft.to_der().unwrap();
    let signature = signature(&other.root.signer, &tbs);
    let signer = &world.root.signer;
    assemble(&tbs, signer.algorithm(), &signature, signer.public_key(), &[]).unwrap_err();
}
