//! The database at the end of the tour, with the real PostgreSQL.

use std::process::Command;

use crate::harness::{Hermetic, Postgres, curl, eventually, psql};

/// The tour with a database of its own, open.
fn open() -> Hermetic {
    let tour = Hermetic::tour_in(|command| command);
    let last = tour.line("tour: ");
    assert!(last.starts_with("tour: SEALED, 4 of 4 hops"), "{last}\n{}", tour.log());
    tour
}

fn path(tour: &Hermetic) -> serde_json::Value {
    let url = format!("https://localhost:{}/", tour.ports.edge());
    let output = curl(tour, &["-H", "accept: application/json", &url]);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The servers of clusters that listen on the tour's port and have not ended.
fn servers(tour: &Hermetic) -> Vec<String> {
    let port = format!("port={}", tour.ports.nth(457));
    let found = Command::new("pgrep").args(["-f", &port]).output().unwrap();
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    found.lines().filter(|pid| !has_ended(pid)).map(str::to_owned).collect()
}

/// Whether a process is gone, or waits for nothing but to be counted as gone.
fn has_ended(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with('Z'))
}

/// The number of the process that started another.
fn parent_of(pid: &str) -> String {
    let output = Command::new("ps").args(["-o", "ppid=", "-p", pid]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The folder that a server works in.
fn folder_of(server: &str) -> std::path::PathBuf {
    let arguments = std::fs::read(format!("/proc/{server}/cmdline")).unwrap();
    let arguments = String::from_utf8_lossy(&arguments).into_owned();
    let data = arguments.split('\0').skip_while(|argument| *argument != "-D").nth(1).unwrap().to_owned();
    std::path::Path::new(&data).parent().unwrap().to_owned()
}

#[test]
fn the_path_goes_on_to_the_database_and_each_visit_is_counted() {
    let tour = open();
    let (first, second) = (path(&tour), path(&tour));
    assert_eq!((&first["visits"], &second["visits"]), (&1.into(), &2.into()));
    assert_eq!((&second["flow"], &second["verdict"]), (&"tour".into(), &"sealed".into()), "{second}");
    let hop = &second["hops"][3];
    assert_eq!((&hop["from"], &hop["to"]), (&"app".into(), &"database".into()));
    assert_eq!((&hop["verdict"], &hop["evidence"]), (&"sealed".into(), &"negotiated".into()), "{hop}");
    assert_eq!((&hop["view"], &hop["tls"]["server_checked"]), (&"client".into(), &"verified".into()));
    let hops = tour.hops();
    assert_eq!(hops["flows"][0]["path"].as_array().unwrap().len(), 5, "{hops}");
    let hop = tour.hop("app", "database");
    assert_eq!((&hop["verdict"], &hop["counts"]["requests"]), (&"sealed".into(), &2.into()), "{hop}");
    assert_eq!(tour.hermetic(&["hops"]).status.code(), Some(0));
}

#[test]
fn mending_is_no_visit() {
    let tour = open();
    assert_eq!(path(&tour)["visits"], 1);
    for arguments in [["tour", "break", "expired"].as_slice(), &["tour", "mend"]] {
        assert!(tour.hermetic(arguments).status.success());
    }
    assert_eq!(path(&tour)["visits"], 2);
}

#[test]
fn the_page_says_how_many_visits_there_were() {
    let tour = open();
    let page = curl(&tour, &[&format!("https://localhost:{}/", tour.ports.edge())]);
    let page = String::from_utf8_lossy(&page.stdout);
    assert!(page.contains("Visits kept by database, this one among them: 1."), "{page}");
}

#[test]
fn neither_server_nor_folder_outlives_a_supervisor_that_is_killed() {
    let mut tour = open();
    let servers = servers(&tour);
    let folder = folder_of(servers.first().unwrap());
    assert!(folder.exists());
    tour.kill();
    eventually("the end of the server", || servers.iter().all(|pid| has_ended(pid)).then_some(()));
    eventually("the end of its folder", || (!folder.exists()).then_some(()));
}

#[test]
fn a_cluster_that_is_only_being_made_goes_too_when_the_supervisor_is_killed() {
    let around = tempfile::tempdir().unwrap();
    std::fs::set_permissions(around.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let entries = || std::fs::read_dir(around.path()).unwrap().count();
    let mut tour = Hermetic::tour_in(|command| command.env("TMPDIR", around.path()));
    eventually("the cluster's folder", || (entries() > 0).then_some(()));
    tour.kill();
    eventually("the end of it", || (entries() == 0).then_some(()));
    assert_eq!(servers(&tour), [""; 0]);
}

#[test]
fn the_server_ends_in_order_with_the_tour() {
    let mut tour = open();
    let folder = folder_of(servers(&tour).first().unwrap());
    tour.signal("TERM");
    assert!(tour.ended(), "{}", tour.log());
    assert_eq!(servers(&tour), [""; 0]);
    assert!(!folder.exists());
    assert!(!tour.folder.path().join(".hermetic/tour-cluster").exists(), "there is nothing to remember");
}

#[test]
fn a_server_whose_watch_was_killed_ends_with_the_tour_all_the_same() {
    let mut tour = open();
    let server = servers(&tour).first().unwrap().clone();
    let folder = folder_of(&server);
    let watch = parent_of(&server);
    assert!(Command::new("kill").args(["-s", "KILL", &watch]).status().unwrap().success());
    tour.signal("TERM");
    assert!(tour.ended(), "{}", tour.log());
    eventually("the end of the server", || has_ended(&server).then_some(()));
    assert!(!folder.exists());
}

#[test]
fn a_server_whose_watch_is_killed_together_with_the_supervisor_ends_and_the_next_tour_removes_its_folder() {
    let mut tour = open();
    let servers = servers(&tour);
    let folder = folder_of(servers.first().unwrap());
    let (watch, supervisor) = (parent_of(servers.first().unwrap()), tour.pid().to_string());
    assert!(Command::new("kill").args(["-s", "KILL", &supervisor, &watch]).status().unwrap().success());
    assert!(!tour.ended());
    eventually("the end of the server", || servers.iter().all(|pid| has_ended(pid)).then_some(()));
    let port = ("127.0.0.1", tour.ports.nth(457));
    eventually("its port", || std::net::TcpListener::bind(port).ok());
    assert!(folder.exists(), "nobody was left to remove it");
    let again = Hermetic::tour_again(tour);
    assert!(again.line("tour: ").starts_with("tour: SEALED, 4 of 4 hops"), "{}", again.log());
    assert!(!folder.exists());
}

#[test]
fn a_database_that_dies_leaves_the_page_and_the_other_hops_as_they_were() {
    let tour = open();
    assert_eq!(path(&tour)["visits"], 1);
    let server = servers(&tour).first().unwrap().clone();
    assert!(Command::new("kill").args(["-s", "KILL", &server]).status().unwrap().success());
    let hop = eventually("the verdict", || {
        Some(tour.hop("app", "database")).filter(|hop| hop["verdict"] == "unknown")
    });
    assert!(hop["reason"].as_str().unwrap().ends_with("nothing goes over it"), "{hop}");
    let path = path(&tour);
    assert_eq!((&path["visits"], &path["verdict"]), (&serde_json::Value::Null, &"unknown".into()), "{path}");
    assert_eq!(path["weakest"]["to"], "database");
    assert!((0..3).all(|at| path["hops"][at]["verdict"] == "sealed"), "{path}");
    assert_eq!(tour.hermetic(&["hops"]).status.code(), Some(1));
    let page = curl(&tour, &[&format!("https://localhost:{}/tour", tour.ports.edge())]);
    let page = String::from_utf8_lossy(&page.stdout);
    assert!(page.contains("Nothing is broken on purpose, but app → database falls short."), "{page}");
}

#[test]
fn breaking_the_hop_to_the_application_does_not_harm_the_one_to_the_database() {
    let tour = open();
    let mut visits = path(&tour)["visits"].as_u64().unwrap();
    // A certificate is swapped under the application's gateway; the other gives way to a stand-in.
    for kind in ["expired", "cleartext"] {
        let output = tour.hermetic(&["tour", "break", kind]);
        assert!(output.status.success(), "{output:?}");
        let (broken, kept) = (tour.hop("balancer", "app"), tour.hop("app", "database"));
        assert_ne!(broken["verdict"], "sealed", "{broken}");
        assert_eq!((&kept["verdict"], &kept["counts"]["requests"]), (&"sealed".into(), &visits.into()));
        let flow = &tour.hops()["flows"][0];
        assert_eq!((&flow["verdict"], &flow["weakest"]["to"]), (&broken["verdict"], &"app".into()), "{flow}");
        assert_eq!(flow["path"].as_array().unwrap().len(), 5, "{flow}");

        let output = tour.hermetic(&["tour", "mend"]);
        assert!(output.status.success(), "{output:?}");
        let path = path(&tour);
        assert_eq!((&path["verdict"], &path["hops"][3]["to"]), (&"sealed".into(), &"database".into()));
        let before = std::mem::replace(&mut visits, path["visits"].as_u64().unwrap());
        assert_eq!(visits, before + 1, "{path}");
        assert_eq!(tour.hop("app", "database")["counts"]["connections"], 1, "it is still the same one");
    }
    assert_eq!(tour.hermetic(&["hops"]).status.code(), Some(0));
}

#[test]
fn the_server_refuses_cleartext_and_shows_a_certificate_of_the_authority() {
    let tour = open();
    let place = format!("host=localhost port={} user=visits dbname=postgres", tour.ports.nth(447));
    let clear = psql(&format!("{place} sslmode=disable"), "select 1");
    let said = String::from_utf8_lossy(&clear.stderr).into_owned();
    assert!(!clear.status.success() && said.contains("no encryption"), "{said}");
    // Verified, and then asked for the password that nobody but the application has.
    let roots = tour.ca();
    let sealed = psql(&format!("{place} sslmode=verify-full sslrootcert={}", roots.display()), "select 1");
    let said = String::from_utf8_lossy(&sealed.stderr).into_owned();
    assert!(!sealed.status.success() && said.contains("no password supplied"), "{said}");
}

#[test]
fn a_cluster_that_cant_be_made_is_told_with_the_reason_and_the_tour_has_three_hops() {
    let programs = tempfile::tempdir().unwrap();
    for program in ["initdb", "postgres"] {
        let script = programs.path().join(program);
        std::fs::write(&script, "#!/bin/sh\necho 'initdb: error: no space left' >&2\nexit 1\n").unwrap();
        std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    std::fs::set_permissions(programs.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path_variable = format!("{}:/usr/bin:/bin", programs.path().display());
    let tour = Hermetic::tour_in(|command| command.env("PATH", path_variable));
    let line = tour.line("database ");
    assert!(line.contains("none") && line.contains("initdb: error: no space left"), "{line}");
    three_sealed_hops(&tour);
}

#[test]
fn a_server_that_is_named_keeps_the_visits_over_a_verified_hop() {
    let issuer = Hermetic::tour();
    let server = Postgres::start(&issuer);
    let tour = Hermetic::tour_with_database(&server.url(&issuer.ca()));
    assert!(tour.line("tour: ").starts_with("tour: SEALED, 4 of 4 hops"), "{}", tour.log());
    let path = path(&tour);
    assert_eq!(path["visits"], 1, "{path}\n{}", tour.log());
    let kept = server.ask(&issuer.ca(), "select count(*), min(verdict) from hermetic_visits");
    assert_eq!(kept, "1|sealed");
}

#[test]
fn a_server_that_nobody_vouches_for_is_not_used() {
    let issuer = Hermetic::tour();
    let server = Postgres::start(&issuer);
    // Another instance's authority.
    let stranger = Hermetic::tour();
    let tour = Hermetic::tour_with_database(&server.url(&stranger.ca()));
    let line = tour.line("database ");
    assert!(line.contains("signed by an authority that is not trusted here"), "{line}");
    three_sealed_hops(&tour);
}

#[test]
fn a_name_that_is_no_server_is_told() {
    let tour = Hermetic::tour_with_database("postgres://db.internal");
    let line = tour.line("database ");
    assert!(line.contains("it names no user") && line.contains("postgres://user@host"), "{line}");
    three_sealed_hops(&tour);
}

fn three_sealed_hops(tour: &Hermetic) {
    let path = path(tour);
    assert_eq!((&path["verdict"], &path["flow"]), (&"sealed".into(), &"tour".into()), "{path}");
    assert_eq!(path["hops"].as_array().unwrap().len(), 3);
    assert_eq!(tour.hops()["hops"].as_array().unwrap().len(), 3);
}
