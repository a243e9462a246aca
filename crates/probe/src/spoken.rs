//! What answers in cleartext, told by how it begins.

use hermetic_hop::Scheme;

/// A protocol that was answered in cleartext, for anybody on the way to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spoken {
    /// AMQP of any version.
    Amqp,
    /// FTP.
    Ftp,
    /// HTTP.
    Http,
    /// IMAP.
    Imap,
    /// LDAP.
    Ldap,
    /// LMTP.
    Lmtp,
    /// MQTT.
    Mqtt,
    /// MySQL and MariaDB.
    Mysql,
    /// NATS.
    Nats,
    /// POP3.
    Pop3,
    /// PostgreSQL.
    Postgres,
    /// Redis.
    Redis,
    /// SMTP.
    Smtp,
    /// SSH, which encrypts, but is no TLS.
    Ssh,
    /// One that we don't know.
    Unknown,
}

impl Spoken {
    /// The protocol of a scheme.
    pub(crate) fn of_scheme(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Https => Self::Http,
            Scheme::Tls => Self::Unknown,
            Scheme::Postgres => Self::Postgres,
            Scheme::Mysql => Self::Mysql,
            Scheme::Redis | Scheme::Rediss => Self::Redis,
            Scheme::Smtp | Scheme::Smtps => Self::Smtp,
            Scheme::Lmtp => Self::Lmtp,
            Scheme::Imap | Scheme::Imaps => Self::Imap,
            Scheme::Pop3 | Scheme::Pop3s => Self::Pop3,
            Scheme::Ftp | Scheme::Ftps => Self::Ftp,
            Scheme::Ldap | Scheme::Ldaps => Self::Ldap,
            Scheme::Mqtt | Scheme::Mqtts => Self::Mqtt,
            Scheme::Amqp | Scheme::Amqps => Self::Amqp,
            Scheme::Nats => Self::Nats,
        }
    }

    /// The protocol whose server begins so, or answers a ClientHello so.
    pub(crate) fn told_by(first: &[u8]) -> Self {
        let begins = |with: &[u8]| first.starts_with(with);
        let mentions = |word: &[u8]| first.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
        match first {
            _ if begins(b"HTTP/") => Self::Http,
            _ if begins(b"SSH-") => Self::Ssh,
            _ if begins(b"* OK") || begins(b"* BYE") || begins(b"* PREAUTH") => Self::Imap,
            _ if begins(b"+OK") => Self::Pop3,
            _ if begins(b"INFO {") => Self::Nats,
            _ if begins(b"AMQP") => Self::Amqp,
            _ if begins(b"220") && mentions(b"LMTP") => Self::Lmtp,
            _ if begins(b"220") && mentions(b"SMTP") => Self::Smtp,
            _ if begins(b"220") && mentions(b"FTP") => Self::Ftp,
            _ if begins(b"-ERR") || begins(b"-NOAUTH") || begins(b"-DENIED") => Self::Redis,
            // Length, number 0 in the sequence, version 10 of the protocol.
            [_, 0, 0, 0, 10, ..] => Self::Mysql,
            _ => Self::Unknown,
        }
    }

    /// The same of what was asked for by this scheme: the replies of FTP and SMTP look alike and need not name either.
    pub(crate) fn heard(first: &[u8], scheme: Scheme) -> Self {
        let spoken = Self::of_scheme(scheme);
        let is_reply =
            matches!(first, [a, b, c, b' ' | b'-', ..] if [a, b, c].into_iter().all(u8::is_ascii_digit));
        match Self::told_by(first) {
            Self::Unknown if is_reply && matches!(spoken, Self::Smtp | Self::Lmtp | Self::Ftp) => spoken,
            told => told,
        }
    }

    /// Whether it is known to protect nothing: SSH encrypts, and what an unknown protocol does nobody can tell.
    pub(crate) fn is_in_clear(self) -> bool {
        !matches!(self, Self::Ssh | Self::Unknown)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Amqp => "AMQP",
            Self::Ftp => "FTP",
            Self::Http => "HTTP",
            Self::Imap => "IMAP",
            Self::Ldap => "LDAP",
            Self::Lmtp => "LMTP",
            Self::Mqtt => "MQTT",
            Self::Mysql => "MySQL",
            Self::Nats => "NATS",
            Self::Pop3 => "POP3",
            Self::Postgres => "PostgreSQL",
            Self::Redis => "Redis",
            Self::Smtp => "SMTP",
            Self::Ssh => "SSH",
            Self::Unknown => "an unknown protocol",
        }
    }
}

impl std::fmt::Display for Spoken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_that_names_no_protocol_is_of_the_one_that_was_asked_for() {
        for (scheme, expected) in
            [(Scheme::Ftps, Spoken::Ftp), (Scheme::Smtps, Spoken::Smtp), (Scheme::Tls, Spoken::Unknown)]
        {
            assert_eq!(Spoken::heard(b"220 welcome\r\n", scheme), expected);
        }
        assert_eq!(Spoken::heard(b"\x9c\x01\x02 ", Scheme::Ftps), Spoken::Unknown);
        assert_eq!(Spoken::heard(b"SSH-2.0-OpenSSH_9.2p1\r\n", Scheme::Smtps), Spoken::Ssh);
    }

    #[test]
    fn servers_are_known_by_how_they_begin() {
        for (first, expected) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], Spoken::Http),
            (b"SSH-2.0-OpenSSH_9.2p1\r\n", Spoken::Ssh),
            (b"220 mail.test ESMTP Postfix\r\n", Spoken::Smtp),
            (b"220 (vsFTPd 3.0.3)\r\n", Spoken::Ftp),
            (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", Spoken::Imap),
            (b"\x5a\0\0\0\x0a5.5.5-10.11", Spoken::Mysql),
            (b"S", Spoken::Unknown),
            (b"", Spoken::Unknown),
        ] {
            assert_eq!(Spoken::told_by(first), expected);
        }
    }
}
