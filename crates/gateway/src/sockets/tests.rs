use std::collections::BTreeSet;
use std::os::fd::AsRawFd;

use super::*;

fn inode(socket: &TcpListener) -> String {
    let link = std::fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).unwrap();
    link.to_string_lossy().into_owned()
}

fn place(sockets: usize) -> Sockets {
    let bind = Bind { address: "127.0.0.1:0".parse().unwrap(), name: Some("edge".parse().unwrap()) };
    Sockets { places: vec![(bind.clone(), shared(bind.address, sockets).unwrap())] }
}

/// For each worker the sockets that it accepts on.
fn dealt(sockets: &Sockets, workers: usize) -> Vec<BTreeSet<String>> {
    let of_worker = |dealt: OfWorker| dealt.iter().map(|(_, socket)| inode(socket)).collect();
    sockets.dealt(workers).unwrap().into_iter().map(of_worker).collect()
}

#[test]
fn every_worker_has_a_socket_of_its_own_where_there_are_enough() {
    let dealt = dealt(&place(3), 3);
    assert!(dealt.iter().all(|hand| hand.len() == 1));
    assert_eq!(dealt.iter().flatten().collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn no_backlog_is_left_without_a_worker_that_takes_from_it() {
    let sockets = place(5);
    let dealt = dealt(&sockets, 2);
    assert_eq!(dealt.iter().flatten().collect::<BTreeSet<_>>().len(), 5);
}

#[test]
fn workers_share_where_there_are_fewer_sockets() {
    let dealt = dealt(&place(1), 3);
    assert!(dealt.iter().all(|hand| hand.len() == 1), "{dealt:?}");
}

#[test]
fn all_sockets_of_a_place_have_the_port_that_the_system_chose() {
    let sockets = place(3);
    let (_, sockets) = sockets.places().next().unwrap();
    let ports: BTreeSet<u16> = sockets.iter().map(|socket| socket.local_addr().unwrap().port()).collect();
    assert_eq!(ports.len(), 1);
}
