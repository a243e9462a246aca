//! `kill -9` in the midst of work, over and over, of two processes at once on one store: what was answered is
//! there, wholly, and nothing is stuck.

mod issuing;
mod revoking;

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use hermetic_store::{Store, StorePlace};
use hermetic_tls::{SystemClock, SystemRandomness};
use hermetic_x509::ProfileKind;
use tokio::runtime::Runtime;

use super::postgres::Postgres;
use crate::{Authority, Request, Settings, World};

/// What tells a child where the store is, and whose key it takes.
const DATA: &str = "HERMETIC_TEST_KILL_DATA";
const KEY: &str = "HERMETIC_TEST_KILL_KEY";
const URL: &str = "HERMETIC_TEST_KILL_URL";

/// How many tasks of a child work at a time.
const AT_ONCE: usize = 8;

/// A store, and two places from which processes use it: with PostgreSQL each has a data folder of its own.
struct Estate {
    folders: [PathBuf; 2],
    server: Option<Postgres>,
    _room: tempfile::TempDir,
}

impl Estate {
    fn on_sqlite() -> Self {
        Self::new(None)
    }

    /// On a server that waits for the disk, as in earnest.
    fn on_postgres() -> Self {
        Self::new(Some(Postgres::with(&[])))
    }

    fn new(server: Option<Postgres>) -> Self {
        let room = tempfile::tempdir().unwrap();
        let one = room.path().join("one");
        let other = if server.is_some() { room.path().join("other") } else { one.clone() };
        Self { folders: [one, other], server, _room: room }
    }

    async fn open(&self) -> (Authority, Store) {
        let [one, _] = &self.folders;
        let url = self.server.as_ref().map(|server| server.url());
        open(StorePlace::of(one, url.as_ref()), one).await
    }

    fn child(&self, scenario: &str, data: &Path) -> Child {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--ignored", "--exact", scenario, "--nocapture"]);
        command.env(DATA, data).env(KEY, &self.folders[0]).stdout(Stdio::piped());
        if let Some(server) = &self.server {
            command.env(URL, server.url().to_string());
        }
        command.spawn().unwrap()
    }

    /// Lets two children work, kills them after some answers, and gives what they answered.
    fn work_and_be_killed(&self, scenario: &str, answers: usize) -> Vec<String> {
        let mut children: Vec<_> = self.folders.iter().map(|data| self.child(scenario, data)).collect();
        let mut said: Vec<_> =
            children.iter_mut().map(|child| BufReader::new(child.stdout.take().unwrap()).lines()).collect();
        let mut answered = Vec::new();
        for lines in &mut said {
            let told = lines.map_while(Result::ok).filter_map(|line| answer(&line));
            let before = answered.len();
            answered.extend(told.take(answers));
            assert_eq!(answered.len(), before + answers, "a child ended by itself");
        }
        children.iter_mut().for_each(|child| child.kill().unwrap());
        for lines in said {
            answered.extend(lines.map_while(Result::ok).filter_map(|line| answer(&line)));
        }
        for mut child in children {
            child.wait().unwrap();
        }
        answered
    }
}

/// What a child says that it has the answer to.
fn answer(line: &str) -> Option<String> {
    Some(line.strip_prefix("answered ")?.to_owned())
}

async fn open(place: StorePlace, key: &Path) -> (Authority, Store) {
    let mut settings = Settings { data: place.data().to_owned(), ..Settings::of_folder(key) };
    settings.terms.site = "http://pki.internal".parse().ok();
    let store = Store::open_beside(place).await.unwrap();
    let world = World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness::default()) };
    (Authority::open_with(settings, store.clone(), world).await.unwrap(), store)
}

fn request(subject: &str) -> Request {
    let name = format!("dns:{subject}.internal");
    Request::new(subject, ProfileKind::Server, vec![name.parse().unwrap()])
}

/// The authority of a child, which works without end: each of its tasks does this for a subject of its own, and
/// says what was answered.
fn without_end<W: Future<Output = String> + Send>(
    work: impl Fn(Authority, String) -> W + Copy + Send + 'static,
) {
    let path = |name: &str| PathBuf::from(env::var_os(name).unwrap());
    let url = env::var(URL).ok().map(|url| url.parse().unwrap());
    Runtime::new().unwrap().block_on(async {
        let (authority, _store) = open(StorePlace::of(&path(DATA), url.as_ref()), &path(KEY)).await;
        let tasks = (0..AT_ONCE).map(|task| {
            let authority = authority.clone();
            tokio::spawn(async move {
                for number in 0_u64.. {
                    let subject = format!("n{number}-{task}-{}", std::process::id());
                    println!("answered {}", work(authority.clone(), subject).await);
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
}
