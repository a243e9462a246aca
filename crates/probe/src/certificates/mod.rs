//! The certificates that an endpoint shows: every chain by kind of key and by server name, what is odd about it, who
//! trusts it, and what is known of its revocation. Facts only; what they are worth is judged elsewhere.
//!
//! Whatever a server sends is bounded: chains are read up to [`MOST_LINKS`], handshakes up to the 64 KiB that a TLS
//! library takes, and answers below TLS 1.3 up to two MiB.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod ask;
mod completion;
mod extent;
mod fault;
mod link;
mod offered;
mod path;
mod question;
mod revocation;
mod shared;
mod staple;
mod timestamps;
mod trust;

use hermetic_tls::ProtocolVersion;
use hermetic_x509::KeyKind;

pub use completion::Completion;
pub use extent::{Extent, Store};
pub use fault::ChainFault;
pub use link::{Link, Reading};
pub use offered::Offered;
pub use path::MOST_LINKS;
pub use question::{AskedName, Question, Unanswered};
pub use revocation::{Checked, Source};
pub use shared::{KeysMet, SharedKey};
pub use staple::Staple;
pub use timestamps::Timestamps;
pub use trust::Trusted;

pub(crate) use ask::{Asker, Showing};

use crate::way::Command;

/// All that an endpoint shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Certificates {
    /// The chains; first the one that the endpoint chooses itself for the name that it must have.
    pub offered: Vec<Offered>,
    /// The questions to which no chain came.
    pub unanswered: Vec<Unanswered>,
}

impl Certificates {
    /// The chain that the endpoint chooses itself.
    pub fn chosen(&self) -> Option<&Offered> {
        self.offered.first()
    }

    /// The chains that clients are shown who ask for the right name.
    pub fn for_the_name(&self) -> impl Iterator<Item = &Offered> {
        self.offered
            .iter()
            .filter(|offered| offered.questions.iter().any(|question| question.name == AskedName::Expected))
    }
}

/// The kinds of keys that are asked for one by one.
const KINDS: [KeyKind; 4] = [KeyKind::Ecdsa, KeyKind::Rsa, KeyKind::Eddsa, KeyKind::MlDsa];

/// Asks for all chains. `own` is what the endpoint showed of itself, where that was seen already: it is not asked for
/// again. `older` is what it showed below TLS 1.3, where more is in clear: each leaf that was not among that is looked at
/// once more by a client that opens what TLS 1.3 hides.
pub(crate) async fn look(
    asker: &Asker<'_>,
    own: Option<Showing>,
    older: &[Showing],
    extent: &Extent,
) -> Certificates {
    let mut seen = Seen::default();
    let first = Question { name: AskedName::Expected, kind: None };
    match own {
        Some(own) => seen.take(first, Ok(own)),
        None => seen.take(first, asker.ask(first).await),
    }
    let known = seen.kinds();
    let kinds = KINDS.into_iter().filter(|kind| !known.contains(kind));
    let kinds = kinds.map(|kind| Question { name: AskedName::Expected, kind: Some(kind) });
    let names = asker.names().into_iter().map(|name| Question { name, kind: None });
    // Old servers have been asked in a way that suits them, and know no schemes to choose by.
    let questions: Vec<_> = if asker.is_modern() { kinds.chain(names).collect() } else { Vec::new() };
    let mut older = older.to_vec();
    let own = seen.hidden(&older);
    let (answers, ()) = tokio::join!(asker.ask_all(&questions), open(asker, &own, &mut older));
    for (question, answer) in answers {
        seen.take(question, answer);
    }
    let others: Vec<_> = seen.hidden(&older).into_iter().filter(|question| !own.contains(question)).collect();
    open(asker, &others, &mut older).await;
    if seen.showings.is_empty() {
        older.iter().cloned().for_each(|showing| seen.take(first, Ok(showing)));
    }
    let mut offered: Vec<Offered> = Vec::new();
    for (questions, showing) in seen.showings {
        offered.push(Offered::of(questions, &showing, &older, asker.expected(), extent, asker.now()));
    }
    let elsewhere = asker.way().of_command(Command::Elsewhere);
    if extent.repairs {
        for chain in &mut offered {
            completion::complete(chain, extent, &elsewhere, asker.now()).await;
        }
    }
    if extent.revocation {
        for chain in &mut offered {
            revocation::check(chain, extent, &elsewhere, asker.now()).await;
        }
    }
    Certificates { offered, unanswered: seen.unanswered }
}

/// Opens what TLS 1.3 hides of these, one after the other: there are seldom two.
async fn open(asker: &Asker<'_>, hidden: &[Question], older: &mut Vec<Showing>) {
    for question in hidden {
        older.extend(asker.beside_tls13(*question).await);
    }
}

/// What came of the questions so far.
#[derive(Default)]
struct Seen {
    showings: Vec<(Vec<Question>, Showing)>,
    unanswered: Vec<Unanswered>,
}

impl Seen {
    fn take(&mut self, question: Question, answer: Result<Showing, (bool, String)>) {
        let showing = match answer {
            Ok(showing) => showing,
            Err((refused, reason)) => {
                self.unanswered.push(Unanswered { question, refused, reason });
                return;
            }
        };
        // Some servers show what they have, whatever they are asked for.
        if let Some(kind) = question.kind.filter(|kind| showing.kind() != Some(*kind)) {
            let reason = format!("asked for {kind}, it shows another");
            self.unanswered.push(Unanswered { question, refused: true, reason });
            return;
        }
        match self.showings.iter_mut().find(|(_, seen)| seen.shown.certificates == showing.shown.certificates)
        {
            Some((questions, _)) => questions.push(question),
            None => self.showings.push((vec![question], showing)),
        }
    }

    /// Questions to which chains came under TLS 1.3 whose leaves never came in clear.
    fn hidden(&self, older: &[Showing]) -> Vec<Question> {
        let is_hidden = |showing: &Showing| {
            let leaf = showing.shown.certificates.first();
            showing.version == Some(ProtocolVersion::TLS1_3)
                && !older.iter().any(|it| it.shown.certificates.first() == leaf)
        };
        let hidden = self.showings.iter().filter(|(_, showing)| is_hidden(showing));
        hidden.filter_map(|(questions, _)| questions.first().copied()).collect()
    }

    fn kinds(&self) -> Vec<KeyKind> {
        self.showings.iter().filter_map(|(_, showing)| showing.kind()).collect()
    }
}
