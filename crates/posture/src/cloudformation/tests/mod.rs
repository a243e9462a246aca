//! Templates read: what each function, parameter and condition becomes.

mod bad_input;
mod conditions;
mod functions;
mod laws;
mod loops;
mod nested;
mod parameters;
mod sam;

use super::*;
use crate::span::Files;
use crate::value::Value;

fn read_given(text: &str, given: &[(&str, &str)]) -> Template {
    let mut all = Given::default();
    given.iter().for_each(|(name, value)| all.set(name, value));
    read(text, Files::default().add("template.yaml"), PartId(0), &all).unwrap()
}

fn template(text: &str) -> Template {
    read_given(text, &[])
}

/// The sections before `Resources`, and the property `P` of a bucket after them: what it becomes.
fn property_given(sections: &str, property: &str, given: &[(&str, &str)]) -> String {
    let text = format!(
        "{sections}\nResources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties:\n      P: {property}\n"
    );
    let template = read_given(&text, given);
    assert_eq!(template.problems, []);
    let bucket = template.part.resources.into_iter().find(|resource| &*resource.name == "Bucket").unwrap();
    bucket.properties.entry("P").map_or("nothing".to_owned(), shown)
}

fn property_with(sections: &str, property: &str) -> String {
    property_given(sections, property, &[])
}

fn property(property: &str) -> String {
    property_with("", property)
}

/// A value in one line: `<A.Arn>` for what a resource has, `?` for what is not known, `Env{dev: x, prod: y}` for what
/// hangs on a choice.
fn shown(value: &Value) -> String {
    let all = |values: &[Value], between: &str| values.iter().map(shown).collect::<Vec<_>>().join(between);
    match &value.node {
        Node::Null => "null".to_owned(),
        Node::Bool(is) => is.to_string(),
        Node::Number(number) => format!("#{number}"),
        Node::Text(text) => text.to_string(),
        Node::Pieces(pieces) => format!("«{}»", all(pieces, "|")),
        Node::Base64(value) => format!("base64 {}", shown(value)),
        Node::List(elements) => format!("[{}]", all(elements, ", ")),
        Node::Map(map) => {
            let entry = |(key, value): &(crate::value::Key, Value)| format!("{}: {}", key.text, shown(value));
            format!("{{{}}}", map.entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Node::Reference(reference) => match &reference.attribute {
            Some(attribute) => format!("<{}.{attribute}>", reference.name),
            None => format!("<{}>", reference.name),
        },
        Node::Import(name) => format!("import {name}"),
        Node::Unknown(why) => format!("? {why}"),
        Node::Switch(switch) => {
            let words = switch.choice.arms.iter().zip(&switch.arms);
            let arms: Vec<_> = words.map(|(word, value)| format!("{word}: {}", shown(value))).collect();
            format!("{}({})", switch.choice.name, arms.join("; "))
        }
    }
}

#[test]
fn a_value_knows_its_line_and_column() {
    let text = "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      P: text\n";
    let at = template(text).part.resources[0].properties.entry("P").unwrap().at;
    assert_eq!((at.line, at.column), (5, 10));
}

#[test]
fn json_reads_as_yaml_does() {
    let json = r#"{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties":
        {"P": [1, true, "x", 1.50, {"Fn::Sub": "${AWS::NoValue}\u00e9"}, null]}}}}"#;
    let read = template(json).part.resources.remove(0).properties.entry("P").unwrap().clone();
    assert_eq!(shown(&read), property("[1, true, x, 1.50, !Sub '${AWS::NoValue}é', null]"));
    assert_eq!(shown(&read), "[#1, true, x, 1.50, é, null]");
    assert_eq!((read.at.line, read.at.column), (2, 15));
}

#[test]
fn an_export_has_its_name_and_its_value() {
    let text = "Resources: {A: {Type: AWS::S3::Bucket}}\nOutputs:\n  O: {Value: !GetAtt A.Arn, Export: {Name: !Sub 'x-${A}'}}\n  P: {Value: !Ref A, Export: {Name: arn}}\n";
    let exports = template(text).part.exports;
    let shown: Vec<_> = exports.iter().map(|(name, value)| format!("{name} {}", shown(value))).collect();
    assert_eq!(shown, ["arn <A>"]);
}

#[test]
fn a_section_that_is_none_is_warned_of() {
    let warnings = template("Resource: {}\nResources: {}\n").warnings;
    assert_eq!(
        warnings[0].to_string(),
        "line 1, column 1: `Resource` is no section of a template; it is not looked at; check its spelling"
    );
}
