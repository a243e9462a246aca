//! From a text to a URL that holds.

use std::path::PathBuf;

use hermetic_tls::Identity;

use super::{
    PostgresAddress, PostgresClientCertificate, PostgresRoots, PostgresTransport, PostgresUrl,
    PostgresUrlError as Error,
};

/// The parameters that are understood.
pub(super) const PARAMETERS: [&str; 6] = ["host", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey"];

/// What stands behind `?`.
#[derive(Default)]
struct Parameters([Option<String>; PARAMETERS.len()]);

pub(super) fn read(text: &str) -> Result<PostgresUrl, Error> {
    let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
    // The last `@`: one before it may belong to a password, of which nothing may be told.
    let (user, rest) = rest.ok_or(Error::Scheme)?.rsplit_once('@').ok_or(Error::User)?;
    if user.contains(':') {
        return Err(Error::Password);
    }
    let user = name("user", user)?;
    if user.is_empty() {
        return Err(Error::User);
    }
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let mut parameters = Parameters::read(parameters)?;
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    let address = address(authority, parameters.take("host"))?;
    let database = name("database", database)?;
    Ok(PostgresUrl {
        transport: transport(&address, &mut parameters)?,
        address,
        // As libpq has it.
        database: if database.is_empty() { user.clone() } else { database },
        user,
        passfile: parameters.take("passfile").map(PathBuf::from),
    })
}

fn address(authority: &str, parameter: Option<String>) -> Result<PostgresAddress, Error> {
    if authority.contains(',') {
        return Err(Error::Hosts);
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':').unwrap_or(rest)),
        None => authority.rsplit_once(':').unwrap_or((authority, "")),
    };
    let port = match port {
        "" => PostgresUrl::PORT,
        port => port.parse().ok().filter(|port| *port > 0).ok_or_else(|| Error::Port(port.to_owned()))?,
    };
    let host = match (decoded("host", host)?, parameter) {
        (host, None) => host,
        (host, Some(parameter)) if host.is_empty() => parameter,
        (_, Some(_)) => return Err(Error::Hosts),
    };
    match host.as_str() {
        "" => Err(Error::NoHost),
        folder if folder.starts_with('/') => Ok(PostgresAddress::Socket { folder: folder.into(), port }),
        name => {
            let refused = || Error::Host(name.to_owned());
            let identity = Identity::host(name).map_err(|_| refused())?;
            match &identity {
                // No top-level domain is a number (RFC 3696 section 2), so this is an address gone wrong.
                Identity::Dns(name) if name.as_str().starts_with('*') || ends_in_a_number(name.as_str()) => {
                    Err(refused())
                }
                Identity::Dns(name) => {
                    let host = name.as_str().to_owned();
                    Ok(PostgresAddress::Tcp { host, identity, port })
                }
                Identity::Ip(_) => Ok(PostgresAddress::Tcp { host, identity, port }),
                Identity::Spiffe(_) => Err(refused()),
            }
        }
    }
}

/// No mode between the two: `require` encrypts to whoever answers, `verify-ca` to whoever has any
/// certificate of that authority, and `prefer` to nobody where somebody on the way says so.
fn transport(address: &PostgresAddress, parameters: &mut Parameters) -> Result<PostgresTransport, Error> {
    let mode = parameters.take("sslmode");
    let files = [parameters.take("sslrootcert"), parameters.take("sslcert"), parameters.take("sslkey")];
    let of_tls = |tls: &Option<String>| tls.is_some();
    let file = ["sslrootcert", "sslcert", "sslkey"].into_iter().zip(&files).find(|(_, file)| of_tls(file));
    let verified = match (address, mode.as_deref()) {
        (PostgresAddress::Socket { .. }, Some("verify-full")) => return Err(Error::TlsAtSocket("sslmode")),
        (PostgresAddress::Tcp { host, .. }, Some("disable")) if !is_loopback(address) => {
            return Err(Error::Cleartext(host.clone()));
        }
        (_, Some("disable")) => false,
        (_, Some("verify-full")) => true,
        (_, Some(other)) => return Err(Error::SslMode(other.to_owned())),
        (_, None) => !is_loopback(address),
    };
    match (verified, file) {
        (false, Some((name, _))) if matches!(address, PostgresAddress::Socket { .. }) => {
            return Err(Error::TlsAtSocket(name));
        }
        (false, Some((name, _))) => return Err(Error::WithoutTls(name)),
        (false, None) => return Ok(PostgresTransport::Local),
        (true, _) => {}
    }
    let [roots, cert, key] = files;
    let roots = match roots {
        // libpq's word since PostgreSQL 16.
        Some(system) if system == "system" => PostgresRoots::System,
        Some(file) => PostgresRoots::File(file.into()),
        None => PostgresRoots::System,
    };
    let client = match (cert, key) {
        (None, None) => None,
        (Some(cert), Some(key)) => Some(PostgresClientCertificate { cert: cert.into(), key: key.into() }),
        _ => return Err(Error::HalfCertificate),
    };
    Ok(PostgresTransport::VerifyFull { roots, client })
}

/// Whether nothing that is sent there can leave the host.
fn is_loopback(address: &PostgresAddress) -> bool {
    match address {
        PostgresAddress::Socket { .. } => true,
        PostgresAddress::Tcp { identity: Identity::Ip(address), .. } => address.to_canonical().is_loopback(),
        PostgresAddress::Tcp { host, .. } => host == "localhost",
    }
}

impl Parameters {
    fn read(text: &str) -> Result<Self, Error> {
        let mut read = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if name == "password" {
                return Err(Error::Password);
            }
            let slot = PARAMETERS.iter().zip(&mut read.0).find(|(known, _)| **known == name);
            let (name, slot) = slot.ok_or_else(|| Error::Parameter(name.escape_default().to_string()))?;
            let value = decoded(name, value)?;
            if value.is_empty() {
                return Err(Error::Encoding(name));
            }
            if slot.replace(value).is_some() {
                return Err(Error::Twice(name));
            }
        }
        Ok(read)
    }

    fn take(&mut self, name: &str) -> Option<String> {
        PARAMETERS.iter().zip(&mut self.0).find(|(known, _)| **known == name)?.1.take()
    }
}

fn ends_in_a_number(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A name, decoded. A slash that is not encoded would be where something else begins.
fn name(what: &'static str, text: &str) -> Result<String, Error> {
    if text.contains('/') { Err(Error::Encoding(what)) } else { decoded(what, text) }
}

/// Percent-decoded (RFC 3986 section 2.1). A name on PostgreSQL's wire ends with a zero byte, so it has no
/// control characters; what stands for itself is no delimiter that ends what it stands in.
fn decoded(what: &'static str, text: &str) -> Result<String, Error> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        match byte {
            b'%' => {
                let (high, low) = digit().zip(digit()).ok_or(Error::Encoding(what))?;
                bytes.push(u8::try_from(high * 16 + low).map_err(|_| Error::Encoding(what))?);
            }
            b'?' | b'#' | b'@' => return Err(Error::Encoding(what)),
            plain => bytes.push(plain),
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| Error::Encoding(what))?;
    if text.contains(char::is_control) { Err(Error::Encoding(what)) } else { Ok(text) }
}

/// Percent-encoded, but for what RFC 3986 section 2.3 leaves alone.
pub(super) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let shown = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(shown).collect()
}
