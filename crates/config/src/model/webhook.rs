//! The URL of a webhook.

use std::fmt;
use std::str::FromStr;

use hermetic_tls::Identity;
use http::Uri;

/// What is called by `POST` over TLS: `https://`, a host, a port where it is not 443, a path and a query.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl {
    host: String,
    port: u16,
    target: String,
}

/// Why a text is no such URL. What may be a secret in it is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookUrlError {
    /// Nothing that could be a URL.
    #[error("this is not a URL; write one such as \"{example}\"", example = WebhookUrl::EXAMPLE)]
    Malformed,
    /// Cleartext, or something that is no HTTP.
    #[error("a webhook is a hop too, and this one is not `https`; write \"https://…\"")]
    NotHttps,
    /// A name or password before the host.
    #[error(
        "a URL has no user and no password here; leave out what is before the `@`, and let `identity` in `tls` say who we are"
    )]
    User,
    /// A fragment, which no request carries.
    #[error("this URL has `#`, and what follows it is never sent; leave it out")]
    Fragment,
    /// A host that is none.
    #[error("`{0}` is not a DNS name or IP address; write one")]
    Host(String),
}

impl WebhookUrl {
    pub(crate) const EXAMPLE: &'static str = "https://hooks.example.com/hermetic";

    /// A DNS name or an IP address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path and query, from their slash on. Others put secrets into it, so it belongs into no log.
    pub fn target(&self) -> &str {
        &self.target
    }
}

impl FromStr for WebhookUrl {
    type Err = WebhookUrlError;

    fn from_str(text: &str) -> Result<Self, WebhookUrlError> {
        let malformed = || WebhookUrlError::Malformed;
        match text.split_once("://") {
            None => return Err(malformed()),
            Some(("https", rest)) if !rest.contains('#') => {}
            Some(("https", _)) => return Err(WebhookUrlError::Fragment),
            Some(_) => return Err(WebhookUrlError::NotHttps),
        }
        let uri: Uri = text.parse().map_err(|_| malformed())?;
        let authority = uri.authority().ok_or_else(malformed)?;
        if authority.as_str().contains('@') {
            return Err(WebhookUrlError::User);
        }
        // A port that is none is left out by the reader of URLs without a word.
        let written = authority.as_str().rsplit(']').next().and_then(|rest| rest.rsplit_once(':'));
        let port = match written {
            None => 443,
            Some((_, port)) => port.parse().ok().filter(|port| *port > 0).ok_or_else(malformed)?,
        };
        let target = uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        Ok(Self { host: host(authority.host())?, port, target })
    }
}

fn host(text: &str) -> Result<String, WebhookUrlError> {
    match Identity::host(text) {
        Ok(Identity::Dns(name)) if !name.as_str().starts_with('*') => Ok(name.as_str().to_owned()),
        Ok(Identity::Ip(address)) => Ok(address.to_string()),
        _ => Err(WebhookUrlError::Host(text.to_owned())),
    }
}

/// Without path and query.
impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "https://[{}]:{}", self.host, self.port),
            false => write!(f, "https://{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({self}/…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_webhook_is_called_over_tls_and_its_path_is_never_shown() {
        let url: WebhookUrl = "https://hooks.example.com/services/T0/s3cret?x=1".parse().unwrap();
        assert_eq!((url.host(), url.port()), ("hooks.example.com", 443));
        assert_eq!(url.target(), "/services/T0/s3cret?x=1");
        assert_eq!(url.to_string(), "https://hooks.example.com:443");
        assert!(!format!("{url:?}").contains("s3cret"));
        let url: WebhookUrl = "https://[::1]:8443".parse().unwrap();
        assert_eq!((url.host(), url.port(), url.target()), ("::1", 8443, "/"));
    }

    #[test]
    fn what_is_wrong_is_told_without_what_may_be_a_secret() {
        for (text, told) in [
            ("http://localhost/s3cret", WebhookUrlError::NotHttps),
            ("https://u:s3cret@h/", WebhookUrlError::User),
            ("https://h/s3cret#x", WebhookUrlError::Fragment),
            ("https://*.h/s3cret", WebhookUrlError::Host("*.h".to_owned())),
            ("https://h:0/s3cret", WebhookUrlError::Malformed),
            ("https://h:99999/s3cret", WebhookUrlError::Malformed),
            ("https:///s3cret", WebhookUrlError::Malformed),
            ("s3cret", WebhookUrlError::Malformed),
        ] {
            let error = text.parse::<WebhookUrl>().unwrap_err();
            assert!(error == told && !error.to_string().contains("s3cret"), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let _ = (text.parse::<WebhookUrl>(), format!("https://{text}").parse::<WebhookUrl>());
        }
    }
}
