//! Taking the winner away until nobody is left, and turning the order round to see whose it was.

use hermetic_tls::answer::Answer;
use hermetic_tls::offer::Offer;

use super::dial::Dialer;
use super::{Order, Reply, Support};

/// What is accepted of a kind, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking<T> {
    /// Those that are accepted, in the order in which they win.
    pub accepted: Vec<T>,
    /// Whether these are all: never `No`, and `Unknown` where an answer was lacking.
    pub is_whole: Support,
    /// Whose order counts; `None` of fewer than two, and where it could not be seen.
    pub order: Option<Order>,
    /// Where the order is mixed, those that the server holds for equals and leaves to the client, best first;
    /// otherwise empty.
    pub classes: Vec<Vec<T>>,
}

impl<T> Ranking<T> {
    /// What nobody asked for, since nothing can be seen of it.
    pub(super) fn unasked() -> Self {
        Self { accepted: Vec::new(), is_whole: Support::Unasked, order: None, classes: Vec::new() }
    }
}

/// A ranking with what it rests on.
pub(super) struct Ranked<T> {
    pub(super) ranking: Ranking<T>,
    /// The answer to the first question.
    pub(super) first: Option<Box<Answer>>,
    /// Those of the later ones that showed a certificate for the first time.
    pub(super) others: Vec<Answer>,
    /// How the last question ended, where it was refused.
    refused: Option<String>,
}

/// How many answers are kept for the sake of their certificates: servers have one of each kind of key.
const MOST_OTHERS: usize = 8;

impl<T: Copy + PartialEq> Ranked<T> {
    /// Asks for all of `candidates` by the hello that `offer` makes of them, takes away whom the answer names,
    /// and asks again. An answer that names nobody, such as one in another version, is a refusal.
    pub(super) async fn of(
        dialer: &Dialer<'_>,
        candidates: Vec<T>,
        offer: impl Fn(&[T]) -> Offer,
        named: impl Fn(&Answer) -> Option<T>,
    ) -> Self {
        let mut ranked = Self::winners(dialer, candidates, &offer, &named).await;
        let accepted = &ranked.ranking.accepted;
        if accepted.len() > 1 {
            let turned: Vec<_> = accepted.iter().rev().copied().collect();
            if let Reply::Answer(answer) = dialer.ask(&offer(&turned)).await {
                ranked.ranking.order = named(&answer).and_then(|winner| Order::told(accepted, &winner));
            }
            if ranked.ranking.order == Some(Order::Mixed) {
                let turned = Self::winners(dialer, turned, &offer, &named).await.ranking.accepted;
                ranked.ranking.classes = classes(&ranked.ranking.accepted, &turned);
            }
        }
        ranked
    }

    /// The same without asking whose order it is.
    pub(super) async fn winners(
        dialer: &Dialer<'_>,
        mut candidates: Vec<T>,
        offer: &impl Fn(&[T]) -> Offer,
        named: &impl Fn(&Answer) -> Option<T>,
    ) -> Self {
        let ranking =
            Ranking { accepted: Vec::new(), is_whole: Support::Yes, order: None, classes: Vec::new() };
        let mut ranked = Self { ranking, first: None, others: Vec::new(), refused: None };
        while !candidates.is_empty() {
            let reply = dialer.ask(&offer(&candidates)).await;
            let told = reply.to_string();
            match reply {
                Reply::Answer(answer) => match named(&answer) {
                    Some(winner) if candidates.contains(&winner) => {
                        candidates.retain(|candidate| *candidate != winner);
                        ranked.ranking.accepted.push(winner);
                        ranked.keep(answer);
                        continue;
                    }
                    Some(_) => ranked.ranking.is_whole = Support::Unknown(format!("{told}, unasked")),
                    None => ranked.refused = Some(told),
                },
                Reply::Alert(_) | Reply::Nothing(_) => ranked.refused = Some(told),
                Reply::Wrong(_) | Reply::Cleartext | Reply::Unasked(_) => {
                    ranked.ranking.is_whole = Support::Unknown(told);
                }
            }
            break;
        }
        ranked
    }

    /// Keeps the first answer, and others for what they alone show.
    fn keep(&mut self, answer: Box<Answer>) {
        let leaf = |answer: &Answer| answer.certificates.as_ref().and_then(|chain| chain.first().cloned());
        let shown = leaf(&answer);
        match &self.first {
            None => self.first = Some(answer),
            Some(first) => {
                let mut known = std::iter::once(&**first).chain(&self.others);
                let is_new = shown.is_some() && known.all(|known| leaf(known) != shown);
                if is_new && self.others.len() < MOST_OTHERS {
                    self.others.push(*answer);
                }
            }
        }
    }

    /// Puts others behind these, which never won while these were offered.
    pub(super) fn extend(&mut self, others: Self) {
        self.ranking.accepted.extend(others.ranking.accepted);
        if self.ranking.is_whole == Support::Yes {
            self.ranking.is_whole = others.ranking.is_whole;
        }
    }

    /// Whether anything is accepted.
    pub(super) fn support(&self) -> Support {
        match (&self.refused, &self.ranking.is_whole) {
            _ if !self.ranking.accepted.is_empty() => Support::Yes,
            (Some(how), _) => Support::No(how.clone()),
            (None, unknown) => unknown.clone(),
        }
    }
}

/// Those that won in one order, cut where the same have won by then in the other.
fn classes<T: Copy + PartialEq>(won: &[T], turned: &[T]) -> Vec<Vec<T>> {
    let mut classes = vec![Vec::new()];
    for (count, item) in (1..).zip(won) {
        if let Some(class) = classes.last_mut() {
            class.push(*item);
        }
        let (ours, theirs) = (won.iter().take(count), turned.iter().take(count));
        if ours.len() < won.len() && theirs.clone().all(|it| ours.clone().any(|other| other == it)) {
            classes.push(Vec::new());
        }
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_are_those_that_win_in_the_order_of_the_client() {
        assert_eq!(classes(&["a", "b", "c", "d"], &["a", "c", "b", "d"]), [&["a"][..], &["b", "c"], &["d"]]);
        assert_eq!(classes(&["a", "b", "c"], &["c", "b", "a"]), [["a", "b", "c"]]);
        assert_eq!(classes(&["a", "b"], &["a", "b"]), [["a"], ["b"]]);
    }
}
