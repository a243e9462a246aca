//! The channel between a process and the one that takes its place: a pair of unix sockets that keep the
//! bounds of messages, and on which descriptors travel (`SCM_RIGHTS`, unix(7)).

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, Shutdown, SocketFlags, SocketType, recvmsg, sendmsg, shutdown,
    socketpair,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Descriptors in one message, at most; the kernel takes 253.
pub const MOST_DESCRIPTORS: usize = 64;

/// The most bytes of a message. It must fit into the socket's buffer, which is 208 KiB.
const LONGEST: usize = 64 * 1024;

/// One end of the channel.
#[derive(Debug)]
pub struct Channel(OwnedFd);

impl Channel {
    /// A new channel: our end, and the other as it is given to the other process.
    pub fn pair() -> io::Result<(Self, OwnedFd)> {
        let flags = SocketFlags::CLOEXEC;
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
        Ok((Self(ours), theirs))
    }

    /// The end that was given to this process.
    pub fn given(end: OwnedFd) -> Self {
        Self(end)
    }

    /// Waits so long from now on, and no longer: for a message, and for a process that reads none.
    pub fn wait_at_most(&self, patience: Duration) -> io::Result<()> {
        set_socket_timeout(&self.0, Timeout::Send, Some(patience))?;
        Ok(set_socket_timeout(&self.0, Timeout::Recv, Some(patience))?)
    }

    /// Lets nothing more through. What has arrived already can still be received, and after it the end.
    pub fn close(&self) {
        // It fails only where the other process is gone.
        let _ = shutdown(&self.0, Shutdown::Both);
    }

    /// Sends a message with descriptors, [`MOST_DESCRIPTORS`] at most. Blocks.
    pub fn send(&self, message: &impl Serialize, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        let text = serde_json::to_vec(message)?;
        if text.len() > LONGEST || descriptors.len() > MOST_DESCRIPTORS {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the message is too long"));
        }
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there are too many descriptors"));
        }
        sendmsg(&self.0, &[IoSlice::new(&text)], &mut control, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// The next message and its descriptors; `None` when the other process is gone. Blocks.
    pub fn receive<T: DeserializeOwned>(&self) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
        let mut text = vec![0; LONGEST];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::CMSG_CLOEXEC;
        let received = recvmsg(&self.0, &mut [IoSliceMut::new(&mut text)], &mut control, flags)?;
        let rights = control.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        });
        let descriptors: Vec<OwnedFd> = rights.flatten().collect();
        if received.bytes == 0 {
            return Ok(None);
        }
        if received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a message or its descriptors were cut"));
        }
        let message = serde_json::from_slice(text.get(..received.bytes).unwrap_or_default())?;
        Ok(Some((message, descriptors)))
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn a_socket_arrives_as_the_same_socket_with_its_message() {
        let (ours, theirs) = Channel::pair().unwrap();
        let theirs = Channel::given(theirs);
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        ours.send(&"edge", &[socket.as_fd(), socket.as_fd()]).unwrap();
        let (message, descriptors): (String, _) = theirs.receive().unwrap().unwrap();
        assert_eq!((message.as_str(), descriptors.len()), ("edge", 2));
        let arrived = TcpListener::from(descriptors.into_iter().next().unwrap());
        assert_eq!(arrived.local_addr().unwrap(), socket.local_addr().unwrap());
    }

    #[test]
    fn as_many_descriptors_arrive_as_may_be_sent() {
        let (ours, theirs) = Channel::pair().unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        ours.send(&(), &[socket.as_fd(); MOST_DESCRIPTORS]).unwrap();
        let ((), descriptors) = Channel::given(theirs).receive().unwrap().unwrap();
        assert_eq!(descriptors.len(), MOST_DESCRIPTORS);
        assert!(ours.send(&(), &[socket.as_fd(); MOST_DESCRIPTORS + 1]).is_err());
    }

    #[test]
    fn the_end_of_the_other_process_is_no_message() {
        let (ours, theirs) = Channel::pair().unwrap();
        drop(theirs);
        assert!(ours.receive::<()>().unwrap().is_none());
    }

    #[test]
    fn a_process_that_reads_nothing_is_not_waited_for_for_ever() {
        let (ours, _theirs) = Channel::pair().unwrap();
        ours.wait_at_most(Duration::from_millis(1)).unwrap();
        let refused = std::iter::repeat_with(|| ours.send(&"hop", &[])).find_map(Result::err);
        assert_eq!(refused.unwrap().kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn a_closed_channel_still_gives_what_has_arrived_and_takes_nothing_more() {
        let (ours, theirs) = Channel::pair().unwrap();
        let theirs = Channel::given(theirs);
        theirs.send(&"ready", &[]).unwrap();
        ours.close();
        assert_eq!(theirs.send(&"late", &[]).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(ours.receive::<String>().unwrap().unwrap().0, "ready");
        assert!(ours.receive::<String>().unwrap().is_none());
    }

    #[test]
    fn a_process_that_says_nothing_is_not_waited_for_for_ever() {
        let (ours, _theirs) = Channel::pair().unwrap();
        ours.wait_at_most(Duration::from_millis(1)).unwrap();
        assert_eq!(ours.receive::<()>().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
