//! Hooks that follow a real journal, with real programs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hermetic_authority::{Authority, Request, Settings, World};
use hermetic_config::{Hook, HookAction, HookEvent};
use hermetic_store::{CertificateFilter, CertificateRecord, JournalEntry, Order, Store};
use hermetic_tls::{SystemClock, SystemRandomness};
use hermetic_x509::ProfileKind;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use super::Record;
use super::follower::Follower;

const DEADLINE: Duration = Duration::from_secs(20);

/// A store whose authority issues, and room for programs.
struct Scene {
    folder: TempDir,
    store: Store,
    authority: Authority,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let store = Store::open(data.as_path()).await.unwrap();
        let world = World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness::default()) };
        let authority = Authority::open_with(Settings::of_folder(&data), store.clone(), world).await.unwrap();
        Self { folder, store, authority }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A hook that runs this script; `$DIR` in it is the scene's folder.
    fn hook(&self, script: &str) -> Hook {
        let program = self.path("hook.sh");
        let script = script.replace("$DIR", self.folder.path().to_str().unwrap());
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Hook {
            name: "teller".parse().unwrap(),
            on: HookEvent::ALL.to_vec(),
            action: HookAction::Run { program, arguments: vec!["--all".to_owned()] },
            timeout: Duration::from_secs(10),
            retries: 0,
        }
    }

    fn follower(&self, hook: Hook, store: &Store) -> Follower {
        Follower {
            hook,
            store: store.clone(),
            clock: Arc::new(SystemClock),
            settings: Arc::new(|_| Err("no webhook here".to_owned())),
            record: Record::default(),
        }
    }

    /// Follows with this hook until it has come to the journal's end as it is now.
    async fn told(&self, hook: Hook) {
        self.follower(hook, &self.store).catch_up().await;
    }

    async fn issue(&self, subject: &str) {
        let names = vec!["dns:shop.example.com".parse().unwrap()];
        self.authority.issue(Request::new(subject, ProfileKind::Server, names)).await.unwrap();
    }

    /// The newest certificate that is used as this.
    async fn certificate(&self, subject: &str) -> CertificateRecord {
        let filter = CertificateFilter { subject: Some(subject.to_owned()), ..CertificateFilter::default() };
        self.store.search(&filter, Order::Newest, None, 1).await.unwrap().certificates.remove(0)
    }

    async fn entries(&self, kind: &str) -> Vec<JournalEntry> {
        let all = self.store.journal(1, 1000).await.unwrap();
        all.into_iter().filter(|entry| entry.kind == kind).collect()
    }

    fn lines(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Writes down what it is told.
const KEEP: &str = "cat >> $DIR/told; echo >> $DIR/told";

#[tokio::test]
async fn a_program_is_told_of_what_comes_as_json_without_our_environment() {
    let scene = Scene::new().await;
    let hook =
        scene.hook("cat >> $DIR/told; echo >> $DIR/told; env > $DIR/env; echo \"$@\" > $DIR/arguments");
    scene.issue("before").await;
    scene.told(hook.clone()).await;
    assert_eq!(scene.lines("told"), [Value::Null; 0], "what was before a hook is new is not told");
    scene.issue("shop").await;
    let record = scene.certificate("shop").await;
    scene.authority.renew(&record).await.unwrap();
    scene.told(hook).await;
    let [issue, renewal] = scene.lines("told").try_into().unwrap();
    assert_eq!((&issue["schema"], &issue["event"]), (&"hermetic.event/1".into(), &"issue".into()), "{issue}");
    assert_eq!(issue["certificate"]["serial"], record.serial.as_str(), "{issue}");
    assert_eq!(issue["certificate"]["names"][0], "dns:shop.example.com");
    assert_eq!(issue["subject"], "shop");
    assert_eq!((&renewal["event"], &renewal["replaces"]), (&"renewal".into(), &record.serial.into()));
    let environment = fs::read_to_string(scene.path("env")).unwrap();
    assert!(!environment.contains("CARGO") && !environment.contains("HOME="), "{environment}");
    assert_eq!(fs::read_to_string(scene.path("arguments")).unwrap(), "--all\n");
    let done = scene.entries("hook.done").await;
    assert_eq!(done.len(), 2);
    assert_eq!((&done[0].body["hook"], &done[0].body["entry"]), (&"teller".into(), &issue["number"]));
}

#[tokio::test]
async fn only_what_a_hook_is_to_be_told_of_is_told() {
    let scene = Scene::new().await;
    let hook = Hook { on: vec![HookEvent::Failure, HookEvent::Revocation], ..scene.hook(KEEP) };
    scene.told(hook.clone()).await;
    scene.issue("shop").await;
    let refused = Request::new("shop", ProfileKind::Server, Vec::new());
    scene.authority.issue(refused).await.unwrap_err();
    scene.told(hook).await;
    let [failure] = scene.lines("told").try_into().unwrap();
    assert_eq!((&failure["event"], &failure["subject"]), (&"failure".into(), &"shop".into()), "{failure}");
    assert!(failure["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{failure}");
}

#[tokio::test]
async fn a_hook_that_hangs_is_killed_with_all_that_it_started() {
    let scene = Scene::new().await;
    let script = "sleep 600 & echo $! > $DIR/child; echo $$ > $DIR/self; wait";
    let hook = Hook { timeout: Duration::from_secs(1), ..scene.hook(script) };
    scene.told(hook.clone()).await;
    scene.issue("shop").await;
    let began = Instant::now();
    scene.told(hook).await;
    assert!(began.elapsed() < DEADLINE);
    let [failed] = scene.entries("hook.failed").await.try_into().unwrap();
    assert_eq!(failed.body["result"], "not done within 1 s; it was killed");
    for who in ["self", "child"] {
        let pid = fs::read_to_string(scene.path(who)).unwrap();
        let end = Instant::now() + DEADLINE;
        while is_running(pid.trim()) {
            assert!(Instant::now() < end, "{who} still runs");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn is_running(pid: &str) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
    // What nobody has waited for yet is dead all the same.
    !status.is_empty() && !status.contains(") Z ")
}

#[tokio::test]
async fn what_fails_is_tried_again_and_given_up_with_its_reason() {
    let scene = Scene::new().await;
    let hook = Hook { retries: 1, ..scene.hook("echo x >> $DIR/tries; echo 'no pager' >&2; exit 3") };
    scene.told(hook.clone()).await;
    scene.issue("shop").await;
    scene.issue("app").await;
    scene.told(hook).await;
    assert_eq!(fs::read_to_string(scene.path("tries")).unwrap().lines().count(), 4);
    let failed = scene.entries("hook.failed").await;
    assert_eq!((failed.len(), &failed[0].body["tries"]), (2, &2.into()));
    assert_eq!(failed[0].body["result"], "exit status: 3: no pager");
    scene.store.verify_journal().await.unwrap();
}

#[tokio::test]
async fn a_flood_of_output_fills_no_memory_and_fails_nothing() {
    let scene = Scene::new().await;
    let hook = scene.hook("head -c 20000000 /dev/zero; echo; cat >/dev/null");
    scene.told(hook.clone()).await;
    scene.issue("shop").await;
    scene.told(hook).await;
    assert_eq!(scene.entries("hook.done").await.len(), 1);
}

#[tokio::test]
async fn what_was_not_told_at_a_crash_is_told_by_who_comes_after() {
    let scene = Scene::new().await;
    let slow = scene.hook("echo x >> $DIR/begun; sleep 600");
    scene.told(slow.clone()).await;
    scene.issue("shop").await;
    let follower = scene.follower(slow, &scene.store);
    let crashed = tokio::spawn(async move { follower.catch_up().await });
    let end = Instant::now() + DEADLINE;
    while !scene.path("begun").exists() {
        assert!(Instant::now() < end);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    crashed.abort();
    let _ = crashed.await;
    scene.told(scene.hook(KEEP)).await;
    assert_eq!(scene.lines("told").len(), 1);
    scene.told(scene.hook(KEEP)).await;
    assert_eq!(scene.lines("told").len(), 1, "what was told is not told again");
}

#[tokio::test]
async fn of_two_processes_one_tells() {
    let scene = Scene::new().await;
    let hook = scene.hook(KEEP);
    let other = Store::open_beside(scene.path("data").as_path()).await.unwrap();
    scene.told(hook.clone()).await;
    scene.issue("shop").await;
    scene.follower(hook.clone(), &other).catch_up().await;
    assert_eq!(scene.lines("told").len(), 0, "the other has the lease");
    scene.told(hook.clone()).await;
    assert_eq!(scene.lines("told").len(), 1);
    scene.follower(hook.clone(), &scene.store).leave().await;
    scene.issue("app").await;
    scene.follower(hook, &other).catch_up().await;
    assert_eq!(scene.lines("told").len(), 2);
}

#[tokio::test]
async fn near_expiry_says_how_near() {
    let scene = Scene::new().await;
    let hook = Hook { on: vec![HookEvent::NearExpiry], ..scene.hook(KEEP) };
    scene.told(hook.clone()).await;
    let names = vec!["dns:shop.example.com".parse().unwrap()];
    let request = Request::new("shop", ProfileKind::Server, names);
    scene.authority.issue_expired(request, Duration::from_secs(60)).await.unwrap();
    let record = scene.certificate("shop").await;
    // Another process uses it, which nobody can serve any more.
    let other = Store::open_beside(scene.path("data").as_path()).await.unwrap();
    other.use_certificates(vec![("shop".to_owned(), record.id)], Timestamp::now()).await.unwrap();
    scene.authority.renew_due().await;
    scene.authority.renew_due().await;
    scene.told(hook).await;
    let [told] = scene.lines("told").try_into().unwrap();
    assert_eq!((&told["event"], &told["threshold"]), (&"near_expiry".into(), &"expired".into()), "{told}");
    assert_eq!(told["days_left"], -1, "{told}");
    let end: Timestamp = told["certificate"]["not_after"].as_str().unwrap().parse().unwrap();
    assert!(Timestamp::now().duration_since(end) >= SignedDuration::from_secs(59));
}
