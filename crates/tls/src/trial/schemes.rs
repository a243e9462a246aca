//! By which scheme a server signs under TLS 1.3, where only a whole handshake shows it.

use rustls::client::Resumption;
use tokio::io::{AsyncRead, AsyncWrite};

use std::sync::Arc;

use super::{Credulous, configuration, connect, dialled, part};
use crate::error::HandshakeError;
use crate::{DnsName, SignatureScheme};

/// Completes one handshake of TLS 1.3 that offers these schemes alone, says `farewell` within it, and tells by
/// which of them the server signed. There is no deadline for the handshake in here.
pub async fn signed_by<IO>(
    io: IO,
    server_name: Option<&DnsName>,
    schemes: &[SignatureScheme],
    farewell: &'static [u8],
) -> Result<SignatureScheme, HandshakeError>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let verifier = Credulous::new(schemes.to_vec());
    let config = configuration(&rustls::version::TLS13, Arc::clone(&verifier), Resumption::disabled())?;
    let mut stream = connect(Arc::new(config), dialled(server_name), io).await?;
    part(&mut stream, farewell).await;
    verifier.signed().ok_or_else(|| HandshakeError::Protocol("the server signed nothing".to_owned()))
}
