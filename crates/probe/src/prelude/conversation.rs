//! A prelude held over a transport.

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Prelude, Step};

/// Speaks it to its end; gives the transport back where TLS begins, and `None` where it is not offered.
/// There is no deadline in here.
pub(crate) async fn hold<IO>(prelude: &mut Prelude, mut io: IO) -> Result<Option<IO>, String>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let broken = |error: std::io::Error| format!("the connection broke before TLS: {error}");
    io.write_all(prelude.opening()).await.map_err(broken)?;
    let mut buffer = BytesMut::with_capacity(4096);
    loop {
        io.flush().await.map_err(broken)?;
        buffer.clear();
        if io.read_buf(&mut buffer).await.map_err(broken)? == 0 {
            return Err("the far end closed the connection before TLS".to_owned());
        }
        match prelude.feed(&buffer) {
            Step::Read => {}
            Step::Send(bytes) => io.write_all(&bytes).await.map_err(broken)?,
            Step::Tls(bytes) => {
                io.write_all(&bytes).await.map_err(broken)?;
                return Ok(Some(io));
            }
            Step::Cleartext(bytes) => {
                // What the far end said stands, even if it does not wait for the goodbye.
                io.write_all(bytes).await.ok();
                io.shutdown().await.ok();
                return Ok(None);
            }
            Step::Refused(reason) => return Err(reason),
        }
    }
}
