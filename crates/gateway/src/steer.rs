//! Steer: what a request in cleartext gets where content is served by an exception. In `prefer` those
//! who ask for it are shown the way to TLS; when the exception has ended, everybody is.

use hermetic_guard::Fired;
use hermetic_hop::{CleartextRefused, Demand, Mode};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use jiff::Timestamp;

use crate::body::ResponseBody;
use crate::redirect;

/// What browsers send with every navigation over http, and may others: "I would rather have https"
/// (W3C Upgrade Insecure Requests, section 3.2).
const WISH: HeaderName = HeaderName::from_static("upgrade-insecure-requests");

/// How a listener serves its requests in cleartext.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steering<'a> {
    pub demand: &'a Demand,
    /// The public port of the `https` listener to redirect to.
    pub port: Option<u16>,
}

/// An answer in place of content.
#[derive(Debug)]
pub(crate) struct Instead {
    pub response: Response<ResponseBody>,
    /// The rules of the guard that fired.
    pub fired: Fired,
    /// Why, where it is no wish of the client.
    pub refused: Option<CleartextRefused>,
}

impl Steering<'_> {
    /// What the request gets in place of content; `None`: content.
    pub fn instead<B>(self, request: &Request<B>, now: Timestamp) -> Option<Instead> {
        if let Err(refused) = self.demand.cleartext(now) {
            let (response, fired) = redirect::answer(request, self.port, StatusCode::MOVED_PERMANENTLY);
            return Some(Instead { response, fired, refused: Some(refused) });
        }
        if !self.redirects() || !wishes(request) {
            return None;
        }
        // While the listener serves both, nobody shall remember it for ever.
        let (response, fired) = redirect::answer(request, self.port, StatusCode::TEMPORARY_REDIRECT);
        Some(Instead { response, fired, refused: None })
    }

    /// Tells caches that what is answered depends on the wish.
    pub fn vary(self, response: &mut Response<ResponseBody>) {
        if self.redirects() {
            response.headers_mut().append(header::VARY, HeaderValue::from_name(WISH));
        }
    }

    fn redirects(self) -> bool {
        self.demand.mode() == Mode::Prefer
    }
}

fn wishes<B>(request: &Request<B>) -> bool {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    safe && request.headers().get(WISH).is_some_and(|wish| wish == "1")
}

#[cfg(test)]
mod tests {
    use hermetic_hop::Exception;

    use super::*;

    fn exception() -> Exception {
        let (reason, owner) = ("old tills".to_owned(), "shop".to_owned());
        Exception { reason, owner, until: "2027-03-31".parse().unwrap() }
    }

    fn steered(demand: &Demand, port: Option<u16>, wish: bool, at: &str) -> Option<(u16, String)> {
        let mut request = Request::get("/a?b").header(header::HOST, "shop.example:8080");
        if wish {
            request = request.header(WISH, "1");
        }
        let steering = Steering { demand, port };
        let response = steering.instead(&request.body(()).unwrap(), at.parse().unwrap())?.response;
        let place = response.headers().get(header::LOCATION);
        Some((response.status().as_u16(), place.map_or("", |place| place.to_str().unwrap()).to_owned()))
    }

    const BEFORE: &str = "2027-03-01T00:00:00Z";
    const AFTER: &str = "2027-04-01T00:00:00Z";

    #[test]
    fn in_prefer_those_who_ask_for_it_are_redirected_for_now() {
        let prefer = Demand::Prefer(exception());
        let there = (307, "https://shop.example:8443/a?b".to_owned());
        assert_eq!(steered(&prefer, Some(8443), true, BEFORE), Some(there));
        assert_eq!(steered(&prefer, Some(8443), false, BEFORE), None);
    }

    #[test]
    fn in_observe_nobody_is_redirected() {
        assert_eq!(steered(&Demand::Observe(exception()), None, true, BEFORE), None);
    }

    #[test]
    fn past_the_last_day_everybody_is_redirected_or_refused() {
        let there = (301, "https://shop.example/a?b".to_owned());
        assert_eq!(steered(&Demand::Prefer(exception()), Some(443), false, AFTER), Some(there));
        assert_eq!(steered(&Demand::Observe(exception()), None, false, AFTER), Some((403, String::new())));
    }
}
