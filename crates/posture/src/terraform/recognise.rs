//! What a file of Terraform is, by its first bytes.

use crate::scan::Cursor;
use crate::span::FileId;

/// A file that Terraform wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A plan, as `terraform show -json` writes it.
    Plan,
    /// A state, as `terraform show -json` writes it.
    ShownState,
    /// A state file: `terraform.tfstate`.
    State,
    /// A plan as `terraform plan -out` writes it, which only Terraform itself reads.
    BinaryPlan,
    /// What `terraform plan -json` says while it works.
    Log,
    /// JSON in UTF-16, as PowerShell's `>` writes it.
    Utf16,
}

impl Kind {
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Plan => "this is a plan",
            Self::ShownState | Self::State => "this is a state",
            Self::BinaryPlan => "this is a plan that only Terraform itself reads",
            Self::Log => "this is what `terraform plan -json` says while it works, and no plan",
            Self::Utf16 => "this is UTF-16, as PowerShell's `>` writes it",
        }
    }

    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Utf16 => "write it by `terraform show -json plan.out | Out-File -Encoding utf8 plan.json`",
            _ => "write it by `terraform plan -out plan.out` and `terraform show -json plan.out > plan.json`",
        }
    }
}

/// What the file is; none where Terraform did not write it. A file may be cut off after its first keys.
pub fn recognise(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(b"PK\x03\x04") {
        let start = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
        return start.windows(6).any(|window| window == b"tfplan").then_some(Kind::BinaryPlan);
    }
    if bytes.starts_with(b"\xff\xfe{\0") || bytes.starts_with(b"\xfe\xff\0{") {
        return Some(Kind::Utf16);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Keys are looked for as far as the text goes; a character that is cut in two ends it.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?,
    };
    by_keys(text)
}

/// The keys of a file that only Terraform writes, together with those that come before them.
fn by_keys(text: &str) -> Option<Kind> {
    let (mut format, mut version, mut written_by, mut found) = (false, false, false, None);
    let mut cursor = Cursor::new(text, FileId::NOWHERE);
    // Cut off as it may be, what was seen before holds. A file whose first keys say it is not walked to its end.
    let _ = cursor.object(|cursor, key| {
        match &*key {
            "format_version" => format = true,
            "version" => version = true,
            "terraform_version" => written_by = true,
            "@level" => found = Some(Kind::Log),
            "planned_values" | "resource_changes" | "configuration" if format => found = Some(Kind::Plan),
            "values" if format => found = Some(Kind::ShownState),
            "lineage" | "serial" | "resources" if version => found = Some(Kind::State),
            _ => {}
        }
        if found.is_some() {
            return Err(cursor.wrong("found", ""));
        }
        cursor.skip().map(drop)
    });
    found.or(match (format, version, written_by) {
        // An empty state has nothing else.
        (true, _, true) => Some(Kind::ShownState),
        (_, true, true) => Some(Kind::State),
        _ => None,
    })
}
