//! What is spoken at an external endpoint, and so how TLS begins there.

/// What is spoken at an external endpoint, and so how TLS begins there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// HTTP over TLS, from the first byte.
    Https,
    /// TLS from the first byte, whatever is inside.
    Tls,
    /// PostgreSQL: `SSLRequest` first.
    Postgres,
    /// MySQL and MariaDB: the server's greeting, then an SSL request.
    Mysql,
    /// Redis, where the port may speak TLS or not: `redis://`.
    Redis,
    /// Redis over TLS from the first byte.
    Rediss,
    /// SMTP with STARTTLS.
    Smtp,
    /// SMTP over TLS from the first byte (RFC 8314).
    Smtps,
    /// LMTP with STARTTLS (RFC 2033).
    Lmtp,
    /// IMAP with STARTTLS.
    Imap,
    /// IMAP over TLS from the first byte.
    Imaps,
    /// POP3 with STLS (RFC 2595).
    Pop3,
    /// POP3 over TLS from the first byte.
    Pop3s,
    /// FTP with AUTH TLS (RFC 4217).
    Ftp,
    /// FTP over TLS from the first byte.
    Ftps,
    /// LDAP with the StartTLS operation (RFC 4511 section 4.14).
    Ldap,
    /// LDAP over TLS from the first byte.
    Ldaps,
    /// MQTT, where the port may speak TLS or not.
    Mqtt,
    /// MQTT over TLS from the first byte.
    Mqtts,
    /// AMQP with the TLS protocol header of version 1.0 (section 5.2).
    Amqp,
    /// AMQP over TLS from the first byte, of any version.
    Amqps,
    /// NATS: the server's `INFO`, which says whether TLS follows.
    Nats,
}

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::Https,
        Self::Tls,
        Self::Postgres,
        Self::Mysql,
        Self::Redis,
        Self::Rediss,
        Self::Smtp,
        Self::Smtps,
        Self::Lmtp,
        Self::Imap,
        Self::Imaps,
        Self::Pop3,
        Self::Pop3s,
        Self::Ftp,
        Self::Ftps,
        Self::Ldap,
        Self::Ldaps,
        Self::Mqtt,
        Self::Mqtts,
        Self::Amqp,
        Self::Amqps,
        Self::Nats,
    ];

    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Tls => "tls",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Redis => "redis",
            Self::Rediss => "rediss",
            Self::Smtp => "smtp",
            Self::Smtps => "smtps",
            Self::Lmtp => "lmtp",
            Self::Imap => "imap",
            Self::Imaps => "imaps",
            Self::Pop3 => "pop3",
            Self::Pop3s => "pop3s",
            Self::Ftp => "ftp",
            Self::Ftps => "ftps",
            Self::Ldap => "ldap",
            Self::Ldaps => "ldaps",
            Self::Mqtt => "mqtt",
            Self::Mqtts => "mqtts",
            Self::Amqp => "amqp",
            Self::Amqps => "amqps",
            Self::Nats => "nats",
        }
    }

    /// All of them as they are written, for people.
    pub fn list() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    /// The usual port; `None` where there is none and it must be written.
    pub fn usual_port(self) -> Option<u16> {
        match self {
            Self::Https => Some(443),
            Self::Tls => None,
            Self::Postgres => Some(5432),
            Self::Mysql => Some(3306),
            Self::Redis | Self::Rediss => Some(6379),
            Self::Smtp => Some(25),
            Self::Smtps => Some(465),
            Self::Lmtp => Some(24),
            Self::Imap => Some(143),
            Self::Imaps => Some(993),
            Self::Pop3 => Some(110),
            Self::Pop3s => Some(995),
            Self::Ftp => Some(21),
            Self::Ftps => Some(990),
            Self::Ldap => Some(389),
            Self::Ldaps => Some(636),
            Self::Mqtt => Some(1883),
            Self::Mqtts => Some(8883),
            Self::Amqp => Some(5672),
            Self::Amqps => Some(5671),
            Self::Nats => Some(4222),
        }
    }

    /// What is usually spoken at a port; TLS of any kind where nothing is usual.
    pub fn usual_at(port: u16) -> Self {
        match port {
            587 => Self::Smtp,
            8443 => Self::Https,
            // The catalogues of directories: LDAP under other numbers.
            3268 => Self::Ldap,
            3269 => Self::Ldaps,
            _ => Self::ALL.into_iter().find(|scheme| scheme.usual_port() == Some(port)).unwrap_or(Self::Tls),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_port_leads_back_to_its_scheme() {
        for scheme in Scheme::ALL {
            let Some(port) = scheme.usual_port() else { continue };
            let expected = if scheme == Scheme::Rediss { Scheme::Redis } else { scheme };
            assert_eq!(Scheme::usual_at(port), expected);
        }
        assert_eq!((Scheme::usual_at(587), Scheme::usual_at(9)), (Scheme::Smtp, Scheme::Tls));
    }
}
