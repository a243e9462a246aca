//! The password for a server that was named, where PostgreSQL's own programs look for it.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// For whom a password is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Whose<'a> {
    /// The server's host.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// The database.
    pub database: &'a str,
    /// The user.
    pub user: &'a str,
}

/// `$PGPASSWORD`; else the first line that fits of `$PGPASSFILE`, or of `~/.pgpass`.
pub fn find(whose: Whose<'_>, variable: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    if let Some(password) = variable("PGPASSWORD") {
        return password.into_string().ok();
    }
    let home = || variable("HOME").map(|home| Path::new(&home).join(".pgpass"));
    let file = variable("PGPASSFILE").map(PathBuf::from).or_else(home)?;
    let mode = std::fs::metadata(&file).ok()?.permissions().mode();
    if mode & 0o077 != 0 {
        // As libpq does: a file that others can read has no secret in it.
        tracing::warn!(file = %file.display(), "others can read this password file, so it is not used; chmod 600");
        return None;
    }
    in_file(&std::fs::read_to_string(file).ok()?, whose)
}

/// `host:port:database:user:password`, each of the first four maybe `*`, with `\` before `:` and `\`.
fn in_file(text: &str, whose: Whose<'_>) -> Option<String> {
    let port = whose.port.to_string();
    let wanted = [whose.host, &port, whose.database, whose.user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = fields(line).into_iter();
        let fits =
            wanted.iter().all(|want| fields.next().is_some_and(|field| field == "*" || field == *want));
        fields.next().filter(|_| fits)
    })
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut characters) = (vec![String::new()], line.chars());
    while let Some(character) = characters.next() {
        let literal = if character == '\\' { characters.next() } else { Some(character) };
        match (character, literal, fields.last_mut()) {
            (':', ..) => fields.push(String::new()),
            (_, Some(literal), Some(field)) => field.push(literal),
            _ => {}
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOSE: Whose<'_> = Whose { host: "db.internal", port: 5432, database: "shop", user: "web" };

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "# ours\ndb.internal:5432:other:web:no\ndb.internal:*:shop:web:one\n*:*:*:*:two\n";
        assert_eq!(in_file(text, WHOSE).as_deref(), Some("one"));
        assert_eq!(in_file(text, Whose { user: "root", ..WHOSE }).as_deref(), Some("two"));
        assert_eq!(in_file("*:*:*:root:x\nbroken\n", WHOSE), None);
    }

    #[test]
    fn colons_and_backslashes_of_a_password_are_escaped() {
        assert_eq!(in_file(r"*:*:*:*:a\:b\\c", WHOSE).as_deref(), Some(r"a:b\c"));
    }

    #[test]
    fn the_variable_comes_before_the_file_and_a_file_that_others_can_read_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgpass");
        std::fs::write(&file, "*:*:*:*:from the file").unwrap();
        let with_file = |name: &str| (name == "PGPASSFILE").then(|| file.clone().into_os_string());
        let permit = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        permit(0o600);
        assert_eq!(find(WHOSE, with_file).as_deref(), Some("from the file"));
        permit(0o644);
        assert_eq!(find(WHOSE, with_file), None);
        assert_eq!(
            find(WHOSE, |name| (name == "PGPASSWORD").then(|| "first".into())).as_deref(),
            Some("first")
        );
    }
}
