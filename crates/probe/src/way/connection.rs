//! A connection that holds its place among those to its host.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::traffic::Place;

/// A connection. The next to its host may come when this is dropped.
#[derive(Debug)]
pub struct Connection {
    io: TcpStream,
    _place: Place,
}

impl Connection {
    pub(super) fn new(io: TcpStream, place: Place) -> Self {
        Self { io, _place: place }
    }

    /// Our own address.
    pub fn local_ip(&self) -> io::Result<IpAddr> {
        Ok(self.io.local_addr()?.ip())
    }

    /// Has it end by a reset, where nobody is offended by one: hundreds of connections in TIME_WAIT use up our
    /// ports.
    pub fn reset_at_the_end(&self) {
        SockRef::from(&self.io).set_linger(Some(Duration::ZERO)).ok();
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
