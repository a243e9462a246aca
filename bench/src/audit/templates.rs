//! The templates that are audited: some shapes that people write, each again and again, with other names and settings
//! each time, the same for everybody who measures.

use std::fs;
use std::path::Path;

use crate::failure::Failure;

/// A shape, and the ending of its files. `@n` stands for the number of the template, `@[this|that]` for one of several
/// settings.
const SHAPES: [(&str, &str); 8] = [
    (include_str!("shapes/web.yaml"), "yaml"),
    (include_str!("shapes/site.yaml"), "yaml"),
    (include_str!("shapes/worker.yaml"), "yaml"),
    (include_str!("shapes/data.yaml"), "yaml"),
    (include_str!("shapes/stream.yaml"), "yaml"),
    (include_str!("shapes/api.json"), "json"),
    (include_str!("../../../examples/architecture/sound.yaml"), "yaml"),
    (include_str!("../../../examples/architecture/cdk/cdk.out/Shop.template.json"), "json"),
];

/// Files that nobody can read, or that break those who do not look: half a template, and one whose `Type` is no string.
/// One that grows to a billion values is not among them: Checkov 3.3.30 does not come back from it.
const BAD: [(&str, &str); 2] = [
    ("half.yaml", "AWSTemplateFormatVersion: \"2010-09-09\"\nResources:\n  Half:\n    Type: [\n"),
    (
        "strange.yaml",
        "AWSTemplateFormatVersion: \"2010-09-09\"\nResources:\n  Strange:\n    Type: {Is: no text}\n",
    ),
];

/// Writes so many of them into a folder.
pub fn write(folder: &Path, count: usize) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|source| Failure::File { path: folder.to_owned(), source })?;
    for (number, (shape, ending)) in SHAPES.iter().cycle().take(count).enumerate() {
        write_file(&folder.join(format!("{number:04}.{ending}")), &written(shape, number))?;
    }
    Ok(())
}

/// Puts the bad ones beside them.
pub fn spoil(folder: &Path) -> Result<(), Failure> {
    BAD.iter().try_for_each(|(name, text)| write_file(&folder.join(name), text))
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|source| Failure::File { path: path.to_owned(), source })
}

/// The shape as its n-th template.
fn written(shape: &str, number: usize) -> String {
    let mut text = String::new();
    let mut rest = shape;
    let mut place = 0;
    while let Some((before, after)) = rest.split_once('@') {
        text.push_str(before);
        rest = if let Some(after) = after.strip_prefix('n') {
            text.push_str(&format!("{number:04}"));
            after
        } else if let Some((settings, after)) = after.strip_prefix('[').and_then(settings) {
            place += 1;
            text.push_str(
                settings.get(draw(number, place) % settings.len().max(1)).copied().unwrap_or_default(),
            );
            after
        } else {
            text.push('@');
            after
        };
    }
    text + rest
}

/// The settings up to the bracket that closes them, and what comes behind it.
fn settings(text: &str) -> Option<(Vec<&str>, &str)> {
    let (mut depth, mut settings, mut start) = (0_usize, Vec::new(), 0);
    for (place, letter) in text.char_indices() {
        match letter {
            '[' => depth += 1,
            ']' if depth == 0 => {
                settings.push(text.get(start..place)?);
                return Some((settings, text.get(place + 1..)?));
            }
            ']' => depth -= 1,
            '|' if depth == 0 => {
                settings.push(text.get(start..place)?);
                start = place + 1;
            }
            _ => {}
        }
    }
    None
}

/// A number that looks drawn by chance and is the same each time: SplitMix64's mixing.
fn draw(number: usize, place: usize) -> usize {
    let mut mixed = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(place as u64);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) >> 1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_another_template_each_time_and_the_same_for_everybody() {
        let shape = "Queue@n: @[[!Ref A, !Ref B]|[!Ref A]] # mail@example.com";
        let all: Vec<String> = (0..20).map(|number| written(shape, number)).collect();
        assert_eq!(all, (0..20).map(|number| written(shape, number)).collect::<Vec<_>>());
        assert!(
            all.contains(&"Queue0003: [!Ref A] # mail@example.com".to_owned())
                || all.contains(&"Queue0003: [!Ref A, !Ref B] # mail@example.com".to_owned())
        );
        assert!(all.iter().any(|text| text.contains("[!Ref A]")));
        assert!(all.iter().any(|text| text.contains("[!Ref A, !Ref B]")));
    }

    #[test]
    fn no_setting_is_left_open_in_any_shape() {
        for (shape, _) in SHAPES {
            let text = written(shape, 7);
            assert!(!text.contains("@[") && !text.contains("@n"), "{text}");
        }
    }
}
