//! Cookies: whether they stay on TLS (RFC 6265).

/// A cookie that was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name. Its value is nobody's business, and is not kept.
    pub name: String,
    /// Whether it goes out over TLS alone.
    pub secure: bool,
    /// Whether scripts can't read it.
    pub http_only: bool,
    /// `Strict`, `Lax` or `None`, as it says.
    pub same_site: Option<String>,
}

impl Cookie {
    /// Reads a `Set-Cookie` header; `None` where it has no name.
    pub fn of(header: &str) -> Option<Self> {
        let mut parts = header.split(';').map(str::trim);
        let (name, _) = parts.next()?.split_once('=')?;
        let mut cookie =
            Self { name: name.trim().to_owned(), secure: false, http_only: false, same_site: None };
        for part in parts {
            let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
            match attribute.trim().to_ascii_lowercase().as_str() {
                "secure" => cookie.secure = true,
                "httponly" => cookie.http_only = true,
                "samesite" => cookie.same_site = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        (!cookie.name.is_empty()).then_some(cookie)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_says_whether_it_stays_on_tls() {
        let of = |header| Cookie::of(header).unwrap();
        assert!(of("id=1; Path=/; SECURE; HttpOnly").secure);
        let plain = of("id=secure; Path=/secure; SameSite=Lax");
        assert_eq!((plain.secure, plain.http_only, plain.same_site.as_deref()), (false, false, Some("Lax")));
        assert_eq!(Cookie::of("=1; Secure"), None);
        assert_eq!(Cookie::of("nothing"), None);
    }
}
