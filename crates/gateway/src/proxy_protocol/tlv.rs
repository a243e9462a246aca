//! What version 2 tells behind its addresses: values with a type and a length (section 2.2).

use super::{Details, HeaderError, TlsDetails, Unwritable, crc32c};

const ALPN: u8 = 0x01;
const AUTHORITY: u8 = 0x02;
const CRC32C: u8 = 0x03;
const UNIQUE_ID: u8 = 0x05;
const SSL: u8 = 0x20;
const SSL_VERSION: u8 = 0x21;
const SSL_CN: u8 = 0x22;
const SSL_CIPHER: u8 = 0x23;
const SSL_SIG_ALG: u8 = 0x24;
const SSL_KEY_ALG: u8 = 0x25;
const SSL_GROUP: u8 = 0x26;
const SSL_SIG_SCHEME: u8 = 0x27;
const SSL_CLIENT_CERT: u8 = 0x28;
const NETNS: u8 = 0x30;

const CLIENT_SSL: u8 = 0x01;
const CLIENT_CERT_CONN: u8 = 0x02;
const CLIENT_CERT_SESS: u8 = 0x04;

/// The most bytes of a unique id (section 2.2.5).
const UNIQUE_ID_LIMIT: usize = 128;

/// How many bytes the checksum has.
const CHECKSUM: usize = 4;

/// Reads what stands in `bytes`, which end the header `whole`. Types that are not known here are
/// skipped; one that is known may come once, or readers would differ in which they believe.
pub(super) fn read(bytes: &[u8], whole: &[u8]) -> Result<Details, HeaderError> {
    let mut details = Details::default();
    let mut checksum = None;
    let mut rest = bytes;
    while let Some((kind, value)) = next(&mut rest)? {
        match kind {
            ALPN => once(&mut details.alpn, value.to_vec())?,
            AUTHORITY => once(&mut details.authority, text(value))?,
            CRC32C => once(&mut checksum, checked(value, rest, whole)?)?,
            UNIQUE_ID if value.len() > UNIQUE_ID_LIMIT => {
                return Err(HeaderError::Malformed("a unique id of more than 128 bytes"));
            }
            UNIQUE_ID => once(&mut details.unique_id, value.to_vec())?,
            SSL => once(&mut details.tls, tls(value)?)?,
            NETNS => once(&mut details.namespace, text(value))?,
            _ => {}
        }
    }
    Ok(details)
}

fn tls(value: &[u8]) -> Result<TlsDetails, HeaderError> {
    let short = HeaderError::Malformed("PP2_TYPE_SSL is shorter than its start");
    let (&[client, a, b, c, d], mut rest) = value.split_first_chunk().ok_or(short)?;
    let mut tls = TlsDetails {
        encrypted: client & CLIENT_SSL != 0,
        certificate_on_connection: client & CLIENT_CERT_CONN != 0,
        certificate_in_session: client & CLIENT_CERT_SESS != 0,
        verify: u32::from_be_bytes([a, b, c, d]),
        ..TlsDetails::default()
    };
    while let Some((kind, value)) = next(&mut rest)? {
        match kind {
            SSL_VERSION => once(&mut tls.version, text(value))?,
            SSL_CN => once(&mut tls.common_name, text(value))?,
            SSL_CIPHER => once(&mut tls.cipher, text(value))?,
            SSL_SIG_ALG => once(&mut tls.signature_algorithm, text(value))?,
            SSL_KEY_ALG => once(&mut tls.key_algorithm, text(value))?,
            SSL_GROUP => once(&mut tls.group, text(value))?,
            SSL_SIG_SCHEME => once(&mut tls.signature_scheme, text(value))?,
            SSL_CLIENT_CERT => once(&mut tls.client_certificate, value.to_vec())?,
            _ => {}
        }
    }
    Ok(tls)
}

/// The next value and its type; `None` at the end.
fn next<'a>(rest: &mut &'a [u8]) -> Result<Option<(u8, &'a [u8])>, HeaderError> {
    if rest.is_empty() {
        return Ok(None);
    }
    let cut = HeaderError::Malformed("a value is longer than what is left");
    let (&[kind, high, low], behind) = rest.split_first_chunk().ok_or(cut)?;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (value, behind) = behind.split_at_checked(length).ok_or(cut)?;
    *rest = behind;
    Ok(Some((kind, value)))
}

fn once<T>(place: &mut Option<T>, value: T) -> Result<(), HeaderError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(HeaderError::Malformed("a value comes twice")),
    }
}

/// Certificates carry names that are no UTF-8, and a proxy passes them on as they are. A name that
/// can't be shown is no reason to lose a connection.
fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

/// The checksum is over the whole header, with zeroes in its own place; `behind` is what follows it.
fn checked(value: &[u8], behind: &[u8], whole: &[u8]) -> Result<[u8; CHECKSUM], HeaderError> {
    let wrong = HeaderError::Malformed("a CRC32C that has not 4 bytes");
    let told = <[u8; CHECKSUM]>::try_from(value).map_err(|_| wrong)?;
    let before = whole.len().saturating_sub(behind.len() + CHECKSUM);
    let before = whole.get(..before).unwrap_or_default();
    let sum = crc32c::of(&[before, &[0; CHECKSUM], behind]);
    if sum == u32::from_be_bytes(told) { Ok(told) } else { Err(HeaderError::Checksum) }
}

/// The bytes of these details, and at their end a place for the checksum.
pub(super) fn write(details: &Details) -> Result<Vec<u8>, Unwritable> {
    let mut bytes = Vec::new();
    put(&mut bytes, ALPN, details.alpn.as_deref())?;
    put(&mut bytes, AUTHORITY, details.authority.as_deref().map(str::as_bytes))?;
    let unique_id = details.unique_id.as_deref();
    if unique_id.is_some_and(|id| id.len() > UNIQUE_ID_LIMIT) {
        return Err(Unwritable);
    }
    put(&mut bytes, UNIQUE_ID, unique_id)?;
    if let Some(tls) = &details.tls {
        put(&mut bytes, SSL, Some(&write_tls(tls)?))?;
    }
    put(&mut bytes, NETNS, details.namespace.as_deref().map(str::as_bytes))?;
    put(&mut bytes, CRC32C, Some(&[0; CHECKSUM]))?;
    Ok(bytes)
}

fn write_tls(tls: &TlsDetails) -> Result<Vec<u8>, Unwritable> {
    let flags = [
        (tls.encrypted, CLIENT_SSL),
        (tls.certificate_on_connection, CLIENT_CERT_CONN),
        (tls.certificate_in_session, CLIENT_CERT_SESS),
    ];
    let client = flags.iter().filter(|(set, _)| *set).fold(0, |client, (_, flag)| client | flag);
    let mut bytes = vec![client];
    bytes.extend(tls.verify.to_be_bytes());
    let texts = [
        (SSL_VERSION, &tls.version),
        (SSL_CN, &tls.common_name),
        (SSL_CIPHER, &tls.cipher),
        (SSL_SIG_ALG, &tls.signature_algorithm),
        (SSL_KEY_ALG, &tls.key_algorithm),
        (SSL_GROUP, &tls.group),
        (SSL_SIG_SCHEME, &tls.signature_scheme),
    ];
    for (kind, text) in texts {
        put(&mut bytes, kind, text.as_deref().map(str::as_bytes))?;
    }
    put(&mut bytes, SSL_CLIENT_CERT, tls.client_certificate.as_deref())?;
    Ok(bytes)
}

fn put(bytes: &mut Vec<u8>, kind: u8, value: Option<&[u8]>) -> Result<(), Unwritable> {
    let Some(value) = value else { return Ok(()) };
    let length = u16::try_from(value.len()).map_err(|_| Unwritable)?;
    bytes.push(kind);
    bytes.extend(length.to_be_bytes());
    bytes.extend(value);
    Ok(())
}

/// Puts the checksum of a whole header into its place, the last bytes.
pub(super) fn seal(header: &mut Vec<u8>) {
    let sum = crc32c::of(&[header]);
    header.truncate(header.len().saturating_sub(CHECKSUM));
    header.extend(sum.to_be_bytes());
}
