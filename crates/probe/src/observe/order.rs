//! Whose order counts.

/// Whose order decides between what both sides know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The server's.
    Server,
    /// The client's.
    Client,
    /// The server's between some, the client's between others: it holds them for equals.
    Mixed,
}

impl Order {
    /// What it tells that `turned` wins where they are offered the other way round. They have won in this order
    /// when they were offered in ours: a server with an order of its own names its first either way.
    pub(super) fn told<T: PartialEq>(won: &[T], turned: &T) -> Option<Self> {
        match won {
            [first, .., _] if turned == first => Some(Self::Server),
            [_, .., last] if turned == last => Some(Self::Client),
            [_, _, ..] if won.contains(turned) => Some(Self::Mixed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wins_both_ways_is_the_server_s_choice() {
        let won = ["a", "b", "c"];
        assert_eq!(Order::told(&won, &"a"), Some(Order::Server));
        assert_eq!(Order::told(&won, &"c"), Some(Order::Client));
        assert_eq!(Order::told(&won, &"b"), Some(Order::Mixed));
        assert_eq!(Order::told(&won, &"x"), None);
        assert_eq!(Order::told(&["a"], &"a"), None);
    }
}
