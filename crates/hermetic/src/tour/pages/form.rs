//! Forms of our own pages, and how they are told from those of other sites: what a page elsewhere
//! makes a browser send (cross-site request forgery) carries neither our token nor our origin.

use hermetic_tls::{Randomness, RandomnessFailed};
use http::HeaderMap;
use http::header::{self, HeaderName};
use http::request::Parts;

/// What browsers say about where a request comes from.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The field that carries the token.
const TOKEN: &str = "token";

/// A secret that stands in our forms, drawn at each start; no other site can read it.
pub(super) struct Token(String);

/// The fields of a form that is ours.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form(Vec<(String, String)>);

impl Token {
    /// Draws one.
    pub fn draw(randomness: &dyn Randomness) -> Result<Self, RandomnessFailed> {
        let mut bytes = [0; 32];
        randomness.fill(&mut bytes)?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// The field to put into a form.
    pub fn field(&self) -> String {
        format!("<input type=\"hidden\" name=\"{TOKEN}\" value=\"{}\">", self.0)
    }

    /// The form in a request's body, if one of our pages sent it.
    pub fn admit(&self, head: &Parts, body: &[u8]) -> Result<Form, &'static str> {
        if !is_of_our_origin(head) {
            return Err("this request comes from another site; nothing was changed");
        }
        let form = Form::read(body).ok_or("this is no form; nothing was changed")?;
        match form.field(TOKEN) {
            Some(token) if same(token.as_bytes(), self.0.as_bytes()) => Ok(form),
            _ => Err(
                "this form is of an earlier start of the tour, or not of this page; nothing was changed, \
                      press the button again",
            ),
        }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Form {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// Reads `application/x-www-form-urlencoded`; `None` where it is none, or no UTF-8.
    fn read(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let fields = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?, decoded(value)?))
        });
        fields.collect::<Option<_>>().map(Self)
    }
}

/// Browsers always name the origin of a POST, and newer ones the site; programs name neither, and
/// have no page to be lured to. What is named must be ours.
fn is_of_our_origin(head: &Parts) -> bool {
    let text = |name: &HeaderName| value(&head.headers, name);
    let host = text(&header::HOST).or_else(|| head.uri.authority().map(http::uri::Authority::as_str));
    let ours = |origin: &str| origin.strip_prefix("https://").is_some_and(|host_of| Some(host_of) == host);
    value(&head.headers, &SEC_FETCH_SITE).is_none_or(|site| site == "same-origin")
        && head.headers.get(header::ORIGIN).is_none_or(|origin| origin.to_str().is_ok_and(ours))
}

fn value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// Compares without telling by its duration where the first difference is.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use hermetic_tls::SystemRandomness;
    use http::Request;
    use proptest::prelude::*;

    use super::*;

    fn head(headers: &[(&str, &str)]) -> Parts {
        let request = Request::post("/tour/mend").header("host", "localhost:8443");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    fn admitted(headers: &[(&str, &str)], body: impl FnOnce(&Token) -> String) -> bool {
        let token = Token::draw(&SystemRandomness::default()).unwrap();
        token.admit(&head(headers), body(&token).as_bytes()).is_ok()
    }

    fn with_token(token: &Token) -> String {
        format!("kind=expired&token={}", token.0)
    }

    #[test]
    fn a_form_of_our_page_is_admitted_and_so_is_a_program_that_read_the_token() {
        let browser = [("origin", "https://localhost:8443"), ("sec-fetch-site", "same-origin")];
        assert!(admitted(&browser, with_token));
        assert!(admitted(&[], with_token));
    }

    #[test]
    fn what_another_site_makes_a_browser_send_is_not_even_with_the_token() {
        for foreign in [
            ("origin", "https://evil.example"),
            ("origin", "http://localhost:8443"),
            ("origin", "https://localhost:8444"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "none"),
        ] {
            assert!(!admitted(&[foreign], with_token), "{foreign:?}");
        }
    }

    #[test]
    fn without_the_token_of_this_start_nothing_is_admitted() {
        for body in ["", "kind=expired", "token=", "token=00", "%"] {
            assert!(!admitted(&[], |_| body.to_owned()), "{body}");
        }
        assert!(!admitted(&[], |token| format!("token={}0", token.0)));
    }

    #[test]
    fn fields_are_read_as_browsers_write_them() {
        let form = Form::read(b"secret=a+b%26c%C3%BC&kind=x&kind=y").unwrap();
        assert_eq!((form.field("secret"), form.field("kind")), (Some("a b&cü"), Some("x")));
        assert_eq!((Form::read(b"a=%f"), Form::read(b"a=%zz"), Form::read(b"a=%ff")), (None, None, None));
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..100)) {
            Form::read(&body);
        }
    }
}
