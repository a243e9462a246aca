//! Floods of HTTP/2: each ends its own connection at a small price, and the others go on.

use std::time::{Duration, Instant};

use crate::harness::limited::{computed, edge_with, memory, refused};
use crate::harness::{Hermetic, Origin, curl, python};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// RFC 9113 section 7.
const NO_ERROR: u64 = 0;
const ENHANCE_YOUR_CALM: u64 = 11;

/// The most memory that a flood may cost, in KiB: that of a few hundred connections.
const MEMORY: u64 = 16 * 1024;

/// How a flood ended.
#[derive(Debug)]
struct Ended {
    goaway: Option<u64>,
    ended: bool,
    frames: u64,
}

fn command(edge: &Hermetic, name: &str) -> std::process::Command {
    let mut command = python();
    let script = include_str!("http2_floods.py");
    command.args(["-c", script]).arg(edge.ca()).args([&edge.ports.edge().to_string(), name]);
    command
}

/// Floods the edge, and looks at what that cost it.
fn flood(edge: &Hermetic, name: &str) -> Ended {
    let before = (memory(edge.pid()), computed(edge.pid()));
    let output = command(edge, name).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let cost = (memory(edge.pid()).saturating_sub(before.0), computed(edge.pid()) - before.1);
    assert!(cost.0 < MEMORY, "{} KiB for {told}", cost.0);
    assert!(cost.1 < 3.0, "{} s of CPU for {told}", cost.1);
    still_serves(edge);
    Ended {
        goaway: told["goaway"].as_u64(),
        ended: told["ended"].as_bool().unwrap(),
        frames: told["frames"].as_u64().unwrap(),
    }
}

fn still_serves(edge: &Hermetic) {
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let start = Instant::now();
    assert_eq!(curl(edge, &["--http2", &url]).stdout, b"ok");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn requests_reset_before_they_are_looked_at_end_the_connection() {
    let origin = Origin::answering(OK);
    let edge = edge_with("{}", origin.port);
    let ended = flood(&edge, "rapid_reset");
    assert_eq!((ended.goaway, ended.ended), (Some(ENHANCE_YOUR_CALM), true), "{ended:?}");
    assert!(ended.frames < 2000, "{ended:?}");
    assert!(origin.requests().len() < 100, "{}", origin.requests().len());
}

#[test]
fn requests_given_up_one_by_one_end_the_connection_too() {
    // An origin that is slow enough for every request to be given up.
    let origin = Origin::acting(|stream, _| {
        let _ = std::io::Read::read(stream, &mut [0]);
    });
    let edge = edge_with("{}", origin.port);
    let output = command(&edge, "patient_reset").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((told["goaway"].as_u64(), told["ended"].as_bool()), (Some(NO_ERROR), Some(true)), "{told}");
    let requests = origin.requests().len();
    assert!((500..520).contains(&requests), "{requests}");
    assert_eq!(refused(&edge, "resets"), 1);
}

#[test]
fn a_head_that_never_ends_ends_the_connection() {
    let origin = Origin::answering(OK);
    let edge = edge_with("{}", origin.port);
    for name in ["continuations", "empty_continuations"] {
        let ended = flood(&edge, name);
        assert!(ended.ended && ended.goaway == Some(ENHANCE_YOUR_CALM), "{name}: {ended:?}");
        assert!(ended.frames < 5000, "{name}: {ended:?}");
    }
}

#[test]
fn a_head_that_grows_when_it_is_unpacked_is_not_kept() {
    let origin = Origin::answering(OK);
    let edge = edge_with("{}", origin.port);
    let ended = flood(&edge, "header_bomb");
    assert!(ended.ended, "{ended:?}");
    assert_eq!(origin.requests().len(), 1, "that of the others alone");
}

#[test]
fn data_frames_without_data_end_the_connection() {
    let origin = Origin::acting(|stream, _| {
        let _ = std::io::Read::read_to_end(stream, &mut Vec::new());
    });
    let edge = edge_with("{}", origin.port);
    let output = command(&edge, "empty_data").output().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (told["goaway"].as_u64(), told["ended"].as_bool()),
        (Some(ENHANCE_YOUR_CALM), Some(true)),
        "{told}"
    );
}

#[test]
fn control_frames_whose_answers_nobody_reads_cost_no_memory_and_delay_nobody() {
    let origin = Origin::answering(OK);
    let edge = edge_with("{ body_timeout = \"1s\" }", origin.port);
    for name in ["pings", "settings"] {
        let before = memory(edge.pid());
        let mut flooding = command(&edge, name);
        let flooding = flooding.arg("3").stdout(std::process::Stdio::piped());
        let mut flooding = flooding.spawn().unwrap();
        while flooding.try_wait().unwrap().is_none() {
            still_serves(&edge);
        }
        let told: serde_json::Value = serde_json::from_reader(flooding.stdout.take().unwrap()).unwrap();
        let cost = memory(edge.pid()).saturating_sub(before);
        assert!(cost < MEMORY, "{cost} KiB for {told}");
        assert_eq!(told["ended"], true, "its answers were not read for a second: {told}");
    }
}
