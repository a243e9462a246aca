//! Pages that the process around the gateway serves itself: the seam through which a gateway shows
//! more than configurations can name.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body_util::{BodyExt, Limited};

use crate::answer;
use crate::body::ResponseBody;
use crate::guard::Denial;
use crate::inbound::Inbound;
use crate::path::Representation;

/// The most bytes of a request to a page; a form is short.
const LONGEST: usize = 16 * 1024;

/// An answer that is on its way.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Response<Bytes>> + Send + 'a>>;

/// Pages that the process around the gateway serves itself.
pub trait Pages: Debug + Send + Sync {
    /// Answers a request that the guard let through.
    fn answer(&self, head: Parts, body: Bytes) -> Answer<'_>;

    /// What a browser is shown in place of a gateway's failure (502, 503 or 504) that answered its GET.
    /// It keeps the status.
    fn failure(&self, status: StatusCode) -> Answer<'_>;
}

/// Answers a request with a page.
pub(crate) async fn answer(
    pages: &dyn Pages,
    head: Parts,
    body: Inbound,
) -> Result<Response<ResponseBody>, Denial> {
    match Limited::new(body, LONGEST).collect().await {
        Ok(body) => Ok(pages.answer(head, body.to_bytes()).await.map(ResponseBody::full)),
        Err(_) => Ok(answer::last(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("a page takes whole requests of at most {LONGEST} bytes"),
        )),
    }
}

/// Whether the answer to this request may be replaced by a page: it came from a browser.
pub(crate) fn is_of_browser(head: &Parts) -> bool {
    let names_html =
        head.headers.get_all(http::header::ACCEPT).iter().any(|value| {
            value.to_str().is_ok_and(|accept| accept.to_ascii_lowercase().contains("text/html"))
        });
    head.method == Method::GET
        && names_html
        && Representation::preferred(&head.headers) == Representation::Html
}

/// The page in place of a gateway's failure; every other response as it is.
pub(crate) async fn instead_of_failure(
    pages: &dyn Pages,
    response: Response<ResponseBody>,
) -> Response<ResponseBody> {
    let status = response.status();
    match status {
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            let mut page = pages.failure(status).await.map(ResponseBody::full);
            *page.status_mut() = status;
            page
        }
        _ => response,
    }
}
