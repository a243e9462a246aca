//! Terraform's addresses: `module.shop[0].aws_lb.main["eu"]`.

/// A resource's address, in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    /// The instance of the module that it is in: `module.shop[0]`; empty for the root.
    pub scope: &'a str,
    /// The block that declares it: `aws_lb.main` or `data.http.x`.
    pub block: &'a str,
    /// Which of the block's instances it is: `["eu"]`; empty where it has only one.
    pub key: &'a str,
}

impl<'a> Address<'a> {
    /// The parts of an address.
    pub fn of(text: &'a str) -> Self {
        let mut scope_end = 0;
        let mut rest = text;
        while let Some(after) = rest.strip_prefix("module.") {
            let (_, after_call) = cut(after);
            scope_end = text.len() - after_call.len();
            rest = after_call.strip_prefix('.').unwrap_or(after_call);
        }
        let (block, key) = keyless(rest);
        Self { scope: text.get(..scope_end).unwrap_or_default(), block, key }
    }
}

/// The steps of an address or a reference: what is between dots that stand in no brackets.
pub(super) fn steps(text: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let (step, after) = cut(rest);
        steps.push(step);
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None => return steps,
        }
    }
}

/// A step, and its key with the brackets.
pub(super) fn keyless(step: &str) -> (&str, &str) {
    // A key's own text may have brackets; the name before it has none.
    let end = step.find('[').unwrap_or(step.len());
    step.split_at(end)
}

/// The scope around a scope, and the name and key of the module call in it.
pub(super) fn parent(scope: &str) -> Option<(&str, &str, &str)> {
    let mut steps = steps(scope);
    let call = steps.pop()?;
    let (name, key) = keyless(call);
    steps.pop()?;
    let end = scope.len() - call.len() - "module.".len();
    Some((scope.get(..end)?.trim_end_matches('.'), name, key))
}

/// The names of the calls that lead to a scope.
pub(super) fn calls(scope: &str) -> Vec<&str> {
    steps(scope).into_iter().skip(1).step_by(2).map(|step| keyless(step).0).collect()
}

/// The first step, and what follows it.
fn cut(text: &str) -> (&str, &str) {
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_u32);
    let end = text.bytes().position(|byte| {
        let was_escaped = std::mem::take(&mut escaped);
        match byte {
            b'"' if !was_escaped => quoted = !quoted,
            b'\\' if quoted && !was_escaped => escaped = true,
            b'[' if !quoted => depth += 1,
            b']' if !quoted => depth = depth.saturating_sub(1),
            b'.' if !quoted && depth == 0 => return true,
            _ => {}
        }
        false
    });
    text.split_at(end.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_falls_into_scope_block_and_key_whatever_its_keys_hold() {
        let text = r#"module.a["x.y"].module.b[0].data.aws_lb.main["p\"].q[0]"]"#;
        let wanted = Address {
            scope: r#"module.a["x.y"].module.b[0]"#,
            block: "data.aws_lb.main",
            key: r#"["p\"].q[0]"]"#,
        };
        assert_eq!(Address::of(text), wanted);
        assert_eq!(Address::of("aws_lb.x"), Address { scope: "", block: "aws_lb.x", key: "" });
    }

    #[test]
    fn a_scope_has_a_parent_and_the_calls_that_lead_to_it() {
        let scope = r#"module.a["x.y"].module.b[0]"#;
        assert_eq!(parent(scope), Some((r#"module.a["x.y"]"#, "b", "[0]")));
        assert_eq!(parent("module.a"), Some(("", "a", "")));
        assert_eq!(parent(""), None);
        assert_eq!(calls(scope), ["a", "b"]);
        assert!(calls("").is_empty());
    }
}
