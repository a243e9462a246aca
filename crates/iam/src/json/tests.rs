use proptest::prelude::*;

use super::{Place, Value, read};
use crate::error::Problem;

fn problem(text: &str) -> (String, Problem) {
    let error = read(text).unwrap_err();
    (error.place.to_string(), error.problem)
}

#[test]
fn a_value_knows_where_it_stands() {
    let text = "{\n  \"a\": [1, \"é\", true]\n}";
    let Value::Object(members) = read(text).unwrap().value else { panic!("an object") };
    let Value::List(nodes) = &members[0].node.value else { panic!("a list") };
    assert_eq!(Place::of(text, nodes[2].span.start).to_string(), "2:17");
    assert_eq!(&text[nodes[1].span.start..nodes[1].span.end], "\"é\"");
}

#[test]
fn a_key_that_stands_twice_is_named_with_its_place() {
    assert_eq!(problem("{\"a\": 1,\n \"a\": 2}"), ("2:2".to_owned(), Problem::Twice("a".to_owned())));
}

#[test]
fn what_nests_too_deep_is_refused_and_overflows_nothing() {
    let deep = "[".repeat(100_000);
    assert!(matches!(problem(&deep).1, Problem::TooDeep(_)));
}

#[test]
fn what_stands_behind_the_value_is_an_error() {
    assert_eq!(problem("{} x"), ("1:4".to_owned(), Problem::Behind));
}

#[test]
fn a_comma_too_many_is_an_error() {
    assert_eq!(problem("[1,]").0, "1:4");
    assert_eq!(problem("{\"a\":1,}").0, "1:8");
}

#[test]
fn half_a_pair_of_surrogates_is_no_character() {
    assert_eq!(problem(r#""\ud800x""#).1, Problem::Escape);
    assert_eq!(read(r#""\ud83d\ude00""#).unwrap().value, Value::Text("😀".to_owned()));
}

proptest! {
    /// `serde_json` takes the last of two equal keys, and goes deeper; apart from that both say the same.
    #[test]
    fn it_takes_what_others_take(text in "[\\[\\]{}:,\"a0-9.eE+ntrufals\\\\ -]{0,24}") {
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match read(&text) {
            Ok(_) => prop_assert!(theirs.is_ok() || theirs.unwrap_err().to_string().contains("out of range")),
            Err(error) => prop_assert!(theirs.is_err() || matches!(error.problem, Problem::Twice(_))),
        }
    }
}
