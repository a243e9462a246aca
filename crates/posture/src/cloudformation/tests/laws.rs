//! What holds of any template.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::cloudformation::document::document;
use crate::yaml;

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(Into::into),
        "[ -~é€]*".prop_map(Into::into),
    ]
}

fn any_json() -> impl Strategy<Value = Json> {
    scalar().prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            proptest::collection::hash_map("[a-zA-Z:]{1,9}", inner, 0..5)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

/// YAML in block style, as people write it.
fn block(json: &Json, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match json {
        Json::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                out.push_str(&format!("\n{pad}\"{key}\":"));
                block(value, indent + 2, out);
            }
        }
        Json::Array(elements) if !elements.is_empty() => {
            for element in elements {
                out.push_str(&format!("\n{pad}-"));
                block(element, indent + 2, out);
            }
        }
        other => out.push_str(&format!(" {other}")),
    }
}

/// A condition over two parameters that have few values.
fn condition() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        "[abc]".prop_map(|value| json!({"Fn::Equals": [{"Ref": "A"}, value]})),
        "[xyz]".prop_map(|value| json!({"Fn::Equals": [value, {"Ref": "B"}]})),
        Just(json!({"Fn::Equals": [{"Fn::Sub": "${A}${B}"}, "ax"]})),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        let some = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            some.clone().prop_map(|all| json!({"Fn::And": all})),
            some.prop_map(|any| json!({"Fn::Or": any})),
            inner.prop_map(|one| json!({"Fn::Not": [one]})),
        ]
    })
}

fn expression() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        "[a-z]{0,3}".prop_map(Json::from),
        Just(json!({"Ref": "A"})),
        Just(json!({"Ref": "AWS::NoValue"})),
        Just(json!({"Fn::Sub": "${B}-${A}"})),
        Just(json!({"Fn::FindInMap": ["M", {"Ref": "A"}, "k"]})),
        Just(json!({"Fn::GetAtt": ["Bucket", "Arn"]})),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let condition = prop_oneof![Just("C"), Just("D")];
        let some = proptest::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            (condition, inner.clone(), inner.clone())
                .prop_map(|(c, yes, no)| json!({"Fn::If": [c, yes, no]})),
            some.clone().prop_map(|all| json!({"Fn::Join": ["-", all]})),
            (0..3_u8, some.clone()).prop_map(|(at, all)| json!({"Fn::Select": [at, all]})),
            some.clone().prop_map(|all| json!({"Fn::Length": all})),
            some.prop_map(Json::from),
            inner.prop_map(|one| json!({"Fn::ToJsonString": {"k": one}})),
        ]
    })
}

/// A value where each choice is taken so.
fn taken(value: &Value, choices: &[(&str, &str)]) -> Value {
    let within = |value: &Value| taken(value, choices);
    let node = match &value.node {
        Node::Switch(switch) => {
            let word = choices.iter().find(|(name, _)| *name == &*switch.choice.name).unwrap().1;
            let arm = switch.choice.arms.iter().position(|arm| &**arm == word).unwrap();
            return within(&switch.arms[arm]);
        }
        Node::List(elements) => {
            let there = elements.iter().map(within).filter(|element| element.node != Node::Null);
            Node::List(there.collect())
        }
        Node::Map(map) => {
            let entries = map.entries.iter().map(|(key, value)| (key.clone(), within(value))).collect();
            Node::Map(std::sync::Arc::new(crate::value::Map { entries }))
        }
        node => node.clone(),
    };
    Value::new(node, value.at)
}

proptest! {
    #[test]
    fn json_and_yaml_of_the_same_read_alike(json in any_json()) {
        let mut text = String::new();
        block(&json, 0, &mut text);
        let file = Files::default().add("t");
        let wanted = shown(&document(&json.to_string(), file).or_else(|_| yaml::read(&json.to_string(), file)).unwrap());
        prop_assert_eq!(&shown(&yaml::read(&json.to_string(), file).unwrap()), &wanted);
        prop_assert_eq!(shown(&yaml::read(&text, file).unwrap()), wanted, "{}", text);
    }

    #[test]
    fn what_hangs_on_a_parameter_is_in_each_arm_what_it_is_with_that_value(
        c in condition(),
        d in condition(),
        property in expression(),
    ) {
        let text = json!({
            "Parameters": {
                "A": {"Type": "String", "AllowedValues": ["a", "b", "c"]},
                "B": {"Type": "String", "AllowedValues": ["x", "y"]},
            },
            "Mappings": {"M": {"a": {"k": "one"}, "b": {"k": ["two", "three"]}}},
            "Conditions": {"C": c, "D": d},
            "Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Condition": "C", "Properties": {"P": [property]}}},
        }).to_string();
        let open = template(&text).part.resources.remove(0);
        for a in ["a", "b", "c"] {
            for b in ["x", "y"] {
                let choices = [("A", a), ("B", b)];
                let settled = read_given(&text, &choices).part.resources.remove(0);
                prop_assert_eq!(shown(&taken(&open.properties, &choices)), shown(&taken(&settled.properties, &choices)));
                prop_assert_eq!(shown(&taken(&open.exists, &choices)), shown(&settled.exists));
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "(Resources:|[ \n]{1,3}|- |[{}\\[\\],:&*!]|A|Type|AWS::|Fn::If|Ref|Sub |\\$\\{|\"|'|\\||\t|é)*") {
        let _ = read(&text, Files::default().add("t"), PartId(0), &Given::default());
        let within = format!("Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      P: {text}\n");
        let _ = read(&within, Files::default().add("t"), PartId(0), &Given::default());
    }

    #[test]
    fn a_template_of_anything_is_read_or_refused(json in any_json(), more in any_json()) {
        let sections = ["Parameters", "Mappings", "Conditions", "Outputs", "Globals", "Transform"];
        for section in sections {
            let text = json!({section: json, "Transform": "AWS::Serverless-2016-10-31", "Resources": {"A": {"Type": "AWS::Serverless::Function", "Properties": more}}});
            let _ = read(&text.to_string(), Files::default().add("t"), PartId(0), &Given::default());
        }
    }
}
