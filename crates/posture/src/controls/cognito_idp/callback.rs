//! Callbacks and logouts of app clients.

use crate::control::Control;
use crate::controls::url;
use crate::policy::{Place, Renderer, UNKNOWN};
use crate::subject::Subject;
use crate::verdict::Judgement;

/// Whether no code or token is sent to an address by HTTP, but for the machine itself.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    let renderer = Renderer::new(*subject, Place::default());
    let urls = ["CallbackURLs[]", "LogoutURLs[]"].into_iter().flat_map(|path| subject.written(path));
    let judged = urls.map(|value| {
        let text = renderer.text(value);
        let is_allowed = |host| control.flag("allow_localhost") && url::is_exempt(control, host);
        match url::cleartext_host(&text) {
            Some(host) if !is_allowed(host) => Judgement::fail("it sends users on by plain HTTP", value.at),
            Some(_) => Judgement::pass("it sends users on within their own machine", value.at),
            None if text.starts_with(UNKNOWN) => {
                Judgement::unknown("the scheme of an address is not known", value.at)
            }
            None => Judgement::pass("it sends users on by HTTPS, or to an app", value.at),
        }
    });
    judged.collect()
}
