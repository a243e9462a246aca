//! What is broken, hostile, or cut off.

use super::*;

fn error(text: &str) -> String {
    read(text, Files::default().add("t"), PartId(0), &Given::default()).unwrap_err().to_string()
}

#[test]
fn a_resource_whose_type_is_no_text_does_not_hide_the_others() {
    let read = template("Resources:\n  A: {Type: [1]}\n  B: {Type: AWS::S3::Bucket}\n  C: {}\n");
    assert_eq!(read.part.resources.len(), 1);
    let problems: Vec<_> = read.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "line 2, column 13: the Type of A is no text; write a type such as AWS::S3::Bucket",
            "line 4, column 3: C has no Type; write a type such as AWS::S3::Bucket",
        ]
    );
}

#[test]
fn half_a_file_says_where_it_ends() {
    assert_eq!(
        error("{\"Resources\": {\"A\": {\n  \"Type\": "),
        "line 2, column 11: the file ends in the middle of a value; give the whole file"
    );
    assert!(error("Resources:\n  A: {Type: 'AWS").starts_with("line 2, column "));
}

#[test]
fn a_key_twice_is_an_error_with_its_place() {
    let yaml = error("Resources:\n  A: {Type: a}\n  A: {Type: b}\n");
    assert_eq!(
        yaml,
        "line 3, column 3: `A` is here a second time, after line 2; remove or rename one of them"
    );
    let json = error("{\"Resources\":\n{\"A\": 1,\n  \"A\": 2}}");
    assert_eq!(json, "line 3, column 3: `A` is here a second time; remove or rename one of them");
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let before = format!("*a{}", n - 1);
        text.push_str(&format!("a{n}: &a{n} [{}]\n", vec![before; 10].join(", ")));
    }
    assert!(error(&text).contains("aliases make this more than"), "{}", error(&text));
}

#[test]
fn a_ladder_of_aliases_is_too_deep() {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for n in 1..1000 {
        text.push_str(&format!("a{n}: &a{n} [*a{}]\n", n - 1));
    }
    assert!(error(&text).contains("nested more than 200 deep"), "{}", error(&text));
}

#[test]
fn depth_is_refused_in_both_languages() {
    let deep = "[".repeat(100_000);
    let told = error(&format!("a: {deep}"));
    assert!(told.contains("nested more than 200 deep"), "{told}");
    assert!(error(&format!("{{\"a\": {deep}")).contains("nested more than 200 deep"));
}

#[test]
fn aliases_and_merges_are_followed() {
    let text = "
x-base: &base {a: 1, b: 2}
Resources:
  A: {Type: AWS::S3::Bucket, Properties: {<<: *base, b: 3, c: *base}}
";
    let read = template(text);
    assert_eq!(read.warnings, []);
    assert_eq!(shown(&read.part.resources[0].properties), "{b: #3, c: {a: #1, b: #2}, a: #1}");
}

#[test]
fn what_is_no_template_says_so() {
    assert_eq!(
        error("- a\n"),
        "line 1, column 1: there are no `Resources` here; give a template with a `Resources` section"
    );
    assert_eq!(
        error(""),
        "line 1, column 1: there are no `Resources` here; give a template with a `Resources` section"
    );
}

#[test]
fn exports_that_import_each_other_end() {
    let text = "Resources: {A: {Type: AWS::S3::Bucket, Properties: {N: !ImportValue x}}}\nOutputs: {O: {Value: !ImportValue x, Export: {Name: x}}}";
    let read = template(text);
    let graph = crate::Graph::new(Files::default(), vec![read.part]);
    let (_, resource) = graph.resources().next().unwrap();
    let value = graph.resolve(&crate::Scenario::default(), resource.properties.entry("N").unwrap());
    assert_eq!(shown(value), "import x");
}
