//! The list of extensions.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use x509_cert::ext::Extension;

use super::extension;
use super::hex;
use super::object::long_name;

/// All extensions under a title; nothing where there are none.
pub(super) fn titled(title: &str, extensions: &[Extension]) -> String {
    match extensions {
        [] => String::new(),
        extensions => format!("        {title}:\n") + &list(extensions, 12),
    }
}

/// All extensions.
pub(super) fn list(extensions: &[Extension], indent: usize) -> String {
    extensions.iter().map(|extension| one(extension, indent)).collect()
}

/// What an extension says, without the blanks around it.
pub(crate) fn extension_text(extension: &Extension) -> String {
    value(extension, 0).trim().to_owned()
}

fn one(extension: &Extension, indent: usize) -> String {
    let critical = if extension.critical { "critical" } else { "" };
    let value = value(extension, indent + 4);
    format!("{:indent$}{}: {critical}\n{value}\n", "", long_name(extension.extn_id))
}

fn value(extension: &Extension, indent: usize) -> String {
    let content = extension.extn_value.as_bytes();
    extension::value(extension.extn_id, content, indent).unwrap_or_else(|| match content {
        [] => " ".repeat(indent),
        content => hex::dump(content, indent),
    })
}
