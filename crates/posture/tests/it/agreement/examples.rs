//! What all of them look at.

use std::fs;
use std::path::{Path, PathBuf};

use hermetic_posture::{Control, controls};

use super::Peer;

/// A piece of infrastructure code.
#[derive(Debug)]
pub struct Example {
    /// Where it is put, below the folder that all of them look at.
    pub file: String,
    /// What it is, in words.
    pub words: String,
    pub text: String,
    /// The control whose case it is; none where it is about all.
    control: Option<&'static Control>,
}

impl Example {
    pub fn write(&self, folder: &Path) {
        let path = folder.join(&self.file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &self.text).unwrap();
    }

    pub fn is_about(&self, controls: &[&Control]) -> bool {
        self.control.is_none_or(|about| controls.iter().any(|control| control.id == about.id))
    }

    pub fn is_plan(&self) -> bool {
        self.file.ends_with("plan.json")
    }
}

/// The sample architecture, sound, broken and in its other forms; plans of Terraform; and the cases of the controls
/// that another knows.
pub fn all() -> Vec<Example> {
    let known = |control: &&Control| Peer::ALL.iter().any(|peer| !peer.ids(control).is_empty());
    architecture().into_iter().chain(controls::all().iter().filter(known).flat_map(cases)).collect()
}

fn architecture() -> Vec<Example> {
    let folder = root().join("examples/architecture");
    let example = |file: &str, words: String, path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Example { file: format!("architecture/{file}"), words, text, control: None }
    };
    let mut broken: Vec<PathBuf> =
        fs::read_dir(folder.join("broken")).unwrap().map(|entry| entry.unwrap().path()).collect();
    broken.sort();
    let broken = broken.into_iter().map(|path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        example(&format!("{name}.yaml"), format!("the architecture, {}", name.replace('-', " ")), path)
    });
    let forms = [
        ("sound.yaml", "the architecture, sound", "sound.yaml"),
        ("cdk.json", "the architecture, as the CDK writes it", "cdk/cdk.out/Shop.template.json"),
        ("terraform.plan.json", "the architecture, as a plan of Terraform", "terraform/plan.json"),
    ];
    let sound = forms.map(|(file, words, path)| example(file, words.to_owned(), folder.join(path)));
    let plans =
        [("shop", "a shop"), ("estate", "an estate"), ("orders-shown", "orders")].map(|(name, what)| {
            let path = root().join(format!("crates/posture/src/terraform/plans/{name}.json"));
            example(&format!("{name}.plan.json"), format!("a plan of Terraform, {what}"), path)
        });
    sound.into_iter().chain(broken).chain(plans).collect()
}

/// The cases beside a control, but for those that set a parameter of it: others have none.
fn cases(control: &'static Control) -> Vec<Example> {
    let path = root().join(format!(
        "crates/posture/src/controls/{}/{}.cases.yaml",
        control.service.replace('-', "_"),
        control.id
    ));
    let Ok(text) = fs::read_to_string(&path) else {
        assert!(!control.shown_by_code(), "{} has no cases at {}", control.id, path.display());
        return Vec::new();
    };
    let case = |(number, text): (usize, &str)| {
        let first = text.lines().next()?.strip_prefix("# ")?;
        let (says, words) = first.split_once(": ")?;
        let text = text.to_owned() + "\n";
        let file = format!("{}/{number:02}.yaml", control.id);
        (!says.contains(" with ")).then(|| Example {
            file,
            words: words.to_owned(),
            text,
            control: Some(control),
        })
    };
    let cases: Vec<Example> =
        text.trim_start_matches("---\n").split("\n---\n").enumerate().filter_map(case).collect();
    assert!(!cases.is_empty(), "{}", control.id);
    cases
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
