//! Variables that switch TLS on or off for a connection that others name: `DB_SSL`, `PGSSLMODE`, `REDIS_TLS`.
//!
//! Each is about its own store alone: the one whose variables begin as it does, or whose protocol its name has.

use super::super::connection::{Wish, of_mode};
use super::super::store::{Dialect, Spoken, dialect, spoken};
use super::Far;
use crate::subject::text_of;
use crate::value::{Node, Value};

/// What one variable says.
pub struct Switch {
    about: About,
    wish: Wish,
}

/// What it says it of.
enum About {
    /// The connections whose variables begin with these words.
    Named(Vec<String>),
    /// All connections of libpq, which reads `PGSSLMODE` by itself.
    Postgres,
    /// All connections that verify: Node leaves that off for the whole process.
    Verification,
}

impl Switch {
    /// What a variable says by its name and value; none where it is no switch.
    pub fn of(name: &str, value: &Value) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let words: Vec<&str> = words(&name).collect();
        let about = |words: &[&str]| About::Named(words.iter().map(|word| (*word).to_owned()).collect());
        let switch = |about, of: fn(&str) -> Option<Wish>| Some(Self { about, wish: wish(value, of)? });
        match words.as_slice() {
            ["pgsslmode"] => switch(About::Postgres, of_mode),
            ["node", "tls", "reject", "unauthorized"] => switch(About::Verification, of_rejection),
            [stem @ .., "ssl" | "tls", "mode"] | [stem @ .., "sslmode" | "tlsmode"] => {
                switch(about(stem), of_mode)
            }
            [stem @ .., "security", "protocol"] => switch(about(stem), of_protocol),
            [stem @ .., "ssl" | "tls", "reject", "unauthorized"]
            | [stem @ .., "reject", "unauthorized"]
            | [stem @ .., "ssl" | "tls", "verify"] => switch(about(stem), of_rejection),
            [stem @ .., "ssl" | "tls", "enabled" | "enable" | "required" | "on"]
            | [stem @ .., "ssl" | "tls" | "usessl" | "usetls" | "sslenabled" | "tlsenabled"] => {
                switch(about(stem), |text| of_switch(text).or_else(|| of_mode(text)))
            }
            _ => None,
        }
    }

    /// What it says of the far end whose host stands alone in a variable of this name.
    pub fn says_of(&self, name: &str) -> Option<Wish> {
        let is_about = match &self.about {
            About::Postgres => name.to_ascii_lowercase().starts_with("pg"),
            About::Verification => false,
            About::Named(stem) => !stem.is_empty() && begins(name, stem),
        };
        is_about.then_some(self.wish)
    }

    /// Whether it is about a far end, among all that code has.
    fn is_about(&self, far: &Far<'_>, all: &[(Dialect, Vec<String>)]) -> bool {
        let speaks = dialect(&far.end);
        match &self.about {
            About::Postgres => speaks == Dialect::Postgres,
            About::Verification => false,
            // Without a name it is about the only one that there is.
            About::Named(stem) if stem.is_empty() => all.len() == 1,
            About::Named(stem) => {
                let begins = |name: &String| begins(name, stem);
                if all.iter().any(|(_, names)| names.iter().any(begins)) {
                    return far.names.iter().any(begins);
                }
                let word = stem.last().map_or("", String::as_str);
                let meant = all.iter().filter(|(dialect, _)| dialect.is_called(word)).count();
                meant == 1 && speaks.is_called(word)
            }
        }
    }
}

/// Applies each switch to the far ends that it is about, where nothing closer says it.
pub fn apply(switches: &[Switch], found: &mut [Far<'_>]) {
    let drivers = found.iter().filter(|far| is_driver(far));
    let drivers: Vec<_> = drivers.map(|far| (dialect(&far.end), far.names.clone())).collect();
    for far in found.iter_mut().filter(|far| is_driver(far)) {
        let about = switches.iter().filter(|switch| switch.is_about(far, &drivers));
        far.wish = far.wish.or(about.map(|switch| switch.wish).min());
    }
    let everywhere = switches.iter().filter(|switch| matches!(switch.about, About::Verification));
    if let Some(least) = everywhere.map(|switch| switch.wish).min() {
        found.iter_mut().for_each(|far| far.wish = far.wish.map(|wish| wish.min(least)));
    }
}

fn is_driver(far: &Far<'_>) -> bool {
    spoken(&far.end.resource.kind) == Some(Spoken::Driver)
}

/// Whether a variable's name begins with these words.
fn begins(name: &str, stem: &[String]) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = words(&name);
    stem.iter().all(|wanted| words.next() == Some(wanted))
}

/// The words of a name, without those that say nothing of whom it is about.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let fillers = ["", "use", "enable", "require", "force", "spring", "data"];
    name.split(['_', '-', '.']).filter(move |word| !fillers.contains(word))
}

/// What the value says; what is not known says something all the same. What names a resource is no switch.
fn wish(value: &Value, of: fn(&str) -> Option<Wish>) -> Option<Wish> {
    match &value.node {
        Node::Unknown(_) | Node::Import(_) => Some(Wish::Untold),
        _ => of(text_of(value).ok()?.to_ascii_lowercase().trim()),
    }
}

fn of_switch(text: &str) -> Option<Wish> {
    match text {
        "false" | "0" | "no" | "off" => Some(Wish::Never),
        "true" | "1" | "yes" | "on" => Some(Wish::Encrypted),
        _ => None,
    }
}

fn of_rejection(text: &str) -> Option<Wish> {
    match text {
        "false" | "0" | "no" | "off" => Some(Wish::Unverified),
        "true" | "1" | "yes" | "on" => Some(Wish::Verified),
        _ => None,
    }
}

/// Kafka's clients verify the name of a broker by default (Kafka documentation, ssl.endpoint.identification.algorithm).
fn of_protocol(text: &str) -> Option<Wish> {
    match text {
        "plaintext" | "sasl_plaintext" => Some(Wish::Never),
        "ssl" | "sasl_ssl" => Some(Wish::Verified),
        _ => None,
    }
}
