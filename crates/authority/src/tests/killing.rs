//! `kill -9` in the midst of issuing, over and over, of two processes at once on one store: what was answered
//! is there, no serial number was given twice, and nothing is stuck.

use std::collections::HashSet;
use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use hermetic_store::{CertificateState, Store, StorePlace};
use hermetic_tls::{SystemClock, SystemRandomness};
use hermetic_x509::ProfileKind;

use super::postgres::{Postgres, eventually};
use super::world::all;
use crate::{Authority, Request, Settings, World};

/// What tells a child where the store is, and whose key it takes.
const DATA: &str = "HERMETIC_TEST_KILL_DATA";
const KEY: &str = "HERMETIC_TEST_KILL_KEY";
const URL: &str = "HERMETIC_TEST_KILL_URL";

/// How many certificates each child issues at a time.
const AT_ONCE: usize = 8;

/// A store, and two places from which processes use it: with PostgreSQL each has a data folder of its own.
struct Estate {
    folders: [PathBuf; 2],
    server: Option<Postgres>,
    _room: tempfile::TempDir,
}

impl Estate {
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

    fn child(&self, data: &Path) -> Child {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([
            "--ignored",
            "--exact",
            "tests::killing::child_that_issues_without_end",
            "--nocapture",
        ]);
        command.env(DATA, data).env(KEY, &self.folders[0]).stdout(Stdio::piped());
        if let Some(server) = &self.server {
            command.env(URL, server.url().to_string());
        }
        command.spawn().unwrap()
    }
}

async fn open(place: StorePlace, key: &Path) -> (Authority, Store) {
    let settings = Settings { data: place.data().to_owned(), ..Settings::of_folder(key) };
    let store = Store::open_beside(place).await.unwrap();
    let world = World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness::default()) };
    (Authority::open_with(settings, store.clone(), world).await.unwrap(), store)
}

fn request(subject: &str) -> Request {
    let name = format!("dns:{subject}.internal");
    Request::new(subject, ProfileKind::Server, vec![name.parse().unwrap()])
}

/// Lets two children issue, kills them after some answers, and gives the serial numbers that they answered.
fn issue_and_kill(estate: &Estate, answers: usize) -> Vec<String> {
    let mut children: Vec<_> = estate.folders.iter().map(|data| estate.child(data)).collect();
    let mut said: Vec<_> =
        children.iter_mut().map(|child| BufReader::new(child.stdout.take().unwrap()).lines()).collect();
    let mut answered = Vec::new();
    for lines in &mut said {
        let serials =
            lines.map_while(Result::ok).filter_map(|line| Some(line.strip_prefix("answered ")?.to_owned()));
        let before = answered.len();
        answered.extend(serials.take(answers));
        assert_eq!(answered.len(), before + answers, "a child ended by itself");
    }
    children.iter_mut().for_each(|child| child.kill().unwrap());
    for lines in said {
        let rest = lines.map_while(Result::ok);
        answered.extend(rest.filter_map(|line| Some(line.strip_prefix("answered ")?.to_owned())));
    }
    for mut child in children {
        child.wait().unwrap();
    }
    answered
}

/// Kills them so many times, and looks at what is left each time.
fn scenario(estate: &Estate, rounds: usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(estate.open());
    let mut answered = Vec::new();
    for round in 0..rounds {
        answered.extend(issue_and_kill(estate, 3 + 5 * (round % 7)));
        runtime.block_on(look(estate, &answered));
    }
    let distinct: HashSet<_> = answered.iter().collect();
    assert_eq!(distinct.len(), answered.len(), "a serial number was answered twice");
}

/// What is left of those who were killed.
async fn look(estate: &Estate, answered: &[String]) {
    let (authority, store) = estate.open().await;
    let kept = all(&store).await.unwrap();
    let issued: HashSet<_> = kept
        .iter()
        .filter(|kept| kept.state == CertificateState::Issued && kept.certificate.is_some())
        .map(|kept| kept.serial.as_str())
        .collect();
    for serial in answered {
        assert!(issued.contains(serial.as_str()), "{serial} was answered and is lost");
    }
    assert_eq!(kept.iter().map(|kept| &kept.serial).collect::<HashSet<_>>().len(), kept.len());
    store.verify_journal().await.unwrap();
    authority.issue(request("after")).await.unwrap();
    // PostgreSQL takes a moment to see that a process is gone.
    let handle = tokio::runtime::Handle::current();
    let settled = move || {
        eventually("the end of what was intended", || {
            handle.block_on(async {
                store.sweep(jiff::Timestamp::now()).await.unwrap();
                let intended = Some(CertificateState::Intended);
                let open = hermetic_store::CertificateFilter { state: intended, ..Default::default() };
                let page = store.search(&open, hermetic_store::Order::Newest, None, 1).await.unwrap();
                page.certificates.is_empty().then_some(())
            })
        });
    };
    tokio::task::spawn_blocking(settled).await.unwrap();
}

#[test]
fn two_processes_killed_while_they_issue_on_sqlite_lose_nothing_that_they_answered() {
    scenario(&Estate::new(None), 4);
}

#[test]
fn two_nodes_killed_while_they_issue_on_postgres_lose_nothing_that_they_answered() {
    scenario(&Estate::new(Some(Postgres::with(&[]))), 4);
}

mod soak {
    use super::*;

    /// How often they are killed.
    const ROUNDS: usize = 200;

    #[test]
    #[ignore = "takes minutes"]
    fn two_processes_killed_two_hundred_times_on_sqlite_lose_nothing() {
        scenario(&Estate::new(None), ROUNDS);
    }

    #[test]
    #[ignore = "takes minutes"]
    fn two_nodes_killed_two_hundred_times_on_postgres_lose_nothing() {
        scenario(&Estate::new(Some(Postgres::with(&[]))), ROUNDS);
    }
}

#[test]
#[ignore = "the child of the scenarios"]
fn child_that_issues_without_end() {
    let path = |name: &str| PathBuf::from(env::var_os(name).unwrap());
    let url = env::var(URL).ok().map(|url| url.parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (authority, _store) = open(StorePlace::of(&path(DATA), url.as_ref()), &path(KEY)).await;
        let tasks = (0..AT_ONCE).map(|task| {
            let authority = authority.clone();
            tokio::spawn(async move {
                for number in 0_u64.. {
                    let subject = format!("n{number}-{task}-{}", std::process::id());
                    let issued = authority.issue(request(&subject)).await.unwrap();
                    println!("answered {}", issued.leaf().serial);
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
}
