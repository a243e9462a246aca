//! A world for scenarios: a clock that is set, chance that is scripted, a signer that misbehaves.

use std::collections::VecDeque;
use std::future::pending;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hermetic_keys::{PublicKey, Signer, SignerError, Signing};
use hermetic_store::{CertificateFilter, CertificateRecord, Order, Store, StoreError};
use hermetic_tls::{Chain, Clock, Identity, Randomness, RandomnessFailed, SystemRandomness};
use hermetic_x509::ProfileKind;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::{Authority, AuthorityError, Request, Settings, World};

pub(super) const DAY: Duration = Duration::from_secs(24 * 3600);

/// A clock that stands, or goes with tokio's, plus what it was set forward by.
#[derive(Clone, Debug)]
pub(super) struct TestClock {
    forward: Arc<Mutex<SignedDuration>>,
    began: Option<Instant>,
}

impl TestClock {
    pub(super) fn standing() -> Self {
        Self { forward: Arc::default(), began: None }
    }

    pub(super) fn of_tokio() -> Self {
        Self { forward: Arc::default(), began: Some(Instant::now()) }
    }

    pub(super) fn forward(&self, by: Duration) {
        *self.forward.lock().unwrap() += SignedDuration::try_from(by).unwrap();
    }

    pub(super) fn back(&self, by: Duration) {
        *self.forward.lock().unwrap() -= SignedDuration::try_from(by).unwrap();
    }

    pub(super) fn set(&self, at: Timestamp) {
        let by = at.duration_since(self.now());
        *self.forward.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let start = Timestamp::constant(1_790_000_000, 250_000_000);
        let elapsed = self.began.map(|began| began.elapsed()).unwrap_or_default();
        start + *self.forward.lock().unwrap() + SignedDuration::try_from(elapsed).unwrap()
    }
}

/// Chance that first gives what was put in, byte for byte, and then the system's.
#[derive(Debug, Default)]
pub(super) struct Script(pub(super) Mutex<VecDeque<Vec<u8>>>);

impl Randomness for Script {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessFailed> {
        match self.0.lock().unwrap().pop_front() {
            Some(scripted) => bytes.copy_from_slice(&scripted),
            None => SystemRandomness::default().fill(bytes)?,
        }
        Ok(())
    }
}

/// How a signer behaves.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mood {
    Signs,
    Fails(&'static str),
    NeverAnswers,
    /// Gives r‖s of the right length and the wrong form.
    GivesTheRawPair,
    SignsSomethingElse,
}

/// A signer whose mood can be changed.
#[derive(Clone, Debug)]
pub(super) struct MoodySigner {
    key: Arc<dyn Signer>,
    mood: Arc<Mutex<Mood>>,
}

impl Signer for MoodySigner {
    fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    fn sign<'a>(&'a self, to_be_signed: &'a [u8]) -> Signing<'a> {
        let mood = self.mood.lock().unwrap().clone();
        Box::pin(async move {
            match mood {
                Mood::Signs => self.key.sign(to_be_signed).await,
                Mood::Fails(reason) => Err(SignerError::Failed(reason.to_owned())),
                Mood::NeverAnswers => pending().await,
                Mood::GivesTheRawPair => Ok(vec![0x42; 64]),
                Mood::SignsSomethingElse => self.key.sign(b"something else").await,
            }
        })
    }
}

/// A data folder with all that is around it.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) data: TempDir,
    pub(super) clock: TestClock,
    pub(super) chance: Arc<Script>,
    pub(super) mood: Arc<Mutex<Mood>>,
}

impl Scene {
    pub(super) fn new(clock: TestClock) -> Self {
        let data = tempfile::tempdir().unwrap();
        Self { data, clock, chance: Arc::default(), mood: Arc::new(Mutex::new(Mood::Signs)) }
    }

    pub(super) async fn open(&self) -> (Authority, Store) {
        self.try_open().await.unwrap()
    }

    pub(super) async fn try_open(&self) -> Result<(Authority, Store), AuthorityError> {
        let store = Store::open(self.data.path()).await?;
        let world = World { clock: Arc::new(self.clock.clone()), randomness: self.chance.clone() };
        let mood = self.mood.clone();
        let authority = Authority::open_signing_through(
            Settings::of_folder(self.data.path()),
            store.clone(),
            world,
            Box::new(move |generation, key| match generation.name.as_str() {
                "intermediate" => Arc::new(MoodySigner { key, mood: mood.clone() }),
                _ => key,
            }),
        )
        .await?;
        Ok((authority, store))
    }

    /// An authority on this store, whose intermediate signs as the mood is.
    pub(super) async fn open_on(&self, store: &Store, data: &Path) -> Authority {
        let world = World { clock: Arc::new(self.clock.clone()), randomness: self.chance.clone() };
        let settings = Settings { data: data.to_owned(), ..Settings::of_folder(self.data.path()) };
        let mood = self.mood.clone();
        let around = Box::new(move |generation: &hermetic_store::Generation, key: Arc<dyn Signer>| {
            match generation.name.as_str() {
                "intermediate" => Arc::new(MoodySigner { key, mood: mood.clone() }) as Arc<dyn Signer>,
                _ => key,
            }
        });
        Authority::open_signing_through(settings, store.clone(), world, around).await.unwrap()
    }

    /// Another process on the same store: it knows what it has read, and has a folder of its own.
    pub(super) async fn open_beside(&self, store: &Store, data: &Path) -> Authority {
        let world = World { clock: Arc::new(self.clock.clone()), randomness: self.chance.clone() };
        let settings = Settings { data: data.to_owned(), ..Settings::of_folder(self.data.path()) };
        Authority::open_with(settings, store.clone(), world).await.unwrap()
    }

    pub(super) fn signer(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(super) fn path(&self, name: &str) -> std::path::PathBuf {
        self.data.path().join(name)
    }
}

/// The root of a fresh folder.
pub(super) fn root_of(authority: &Authority) -> Chain {
    let anchors = authority.trust_anchors().unwrap();
    let [root] = anchors.certificates() else { panic!("{anchors:?}") };
    Chain::from_ders([&*root.der]).unwrap()
}

/// The newest certificate that is used as this.
pub(super) async fn newest(store: &Store, subject: &str) -> CertificateRecord {
    let filter = CertificateFilter { subject: Some(subject.to_owned()), ..CertificateFilter::default() };
    store.search(&filter, Order::Newest, None, 1).await.unwrap().certificates.remove(0)
}

/// All certificates of a store, the newest first.
pub(super) async fn all(store: &Store) -> Result<Vec<CertificateRecord>, StoreError> {
    let page = store.search(&CertificateFilter::default(), Order::Newest, None, 100_000).await?;
    Ok(page.certificates)
}

/// The certificates of parties in the store, the newest first.
pub(super) async fn of_parties(store: &Store) -> Vec<CertificateRecord> {
    let all = all(store).await.unwrap();
    all.into_iter().filter(|certificate| certificate.profile != "authority").collect()
}

pub(super) fn request(profile: ProfileKind) -> Request {
    let identities = ["dns:shop.example.com", "dns:*.shop.example.com", "ip:127.0.0.1", "ip:::1"];
    let identities = match profile {
        ProfileKind::Client => vec!["spiffe://hermetic.internal/edge".parse().unwrap()],
        _ => identities.iter().map(|text| text.parse::<Identity>().unwrap()).collect(),
    };
    Request::new("edge", profile, identities).living(DAY)
}

/// Runs OpenSSL; a missing one is a failure, never a skip.
pub(super) fn openssl(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("openssl").args(arguments).output().expect("openssl must be installed");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Whether OpenSSL, at its strictest, accepts the chain at this time.
pub(super) fn openssl_accepts(
    folder: &Path,
    root: &Chain,
    chain: &Chain,
    purpose: &str,
    at: Timestamp,
) -> Result<String, String> {
    let write = |name: &str, pem: &str| {
        let path = folder.join(name);
        std::fs::write(&path, pem).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (root, leaf) =
        (write("judge-root.pem", &root.to_pem()), write("judge-leaf.pem", &chain.leaf().to_pem()));
    let rest: String = chain.certificates()[1..].iter().map(|certificate| certificate.to_pem()).collect();
    let rest = write("judge-rest.pem", &rest);
    let at = at.as_second().to_string();
    openssl(&[
        "verify",
        "-x509_strict",
        "-no-CApath",
        "-no-CAstore",
        "-attime",
        &at,
        "-purpose",
        purpose,
        "-CAfile",
        &root,
        "-untrusted",
        &rest,
        &leaf,
    ])
}
