//! The password of a PostgreSQL user, where libpq looks for it.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::postgres_url::PostgresUrl;

/// For whom a password is looked for.
#[derive(Clone, Copy, Debug)]
pub struct PostgresLogin<'a> {
    /// The server's host, or the folder of its socket.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// The database.
    pub database: &'a str,
    /// The user.
    pub user: &'a str,
}

/// Why the file that a URL names by `passfile` has no password for it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PassfileError {
    /// It can't be read.
    #[error("{} can't be read: {source}; name a file that this user may read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What others can read is no secret.
    #[error("{} can be read by everybody on this host; run: chmod 600 {}", path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// No line in it fits.
    #[error("{} has no line for this server; add `{line}:` and the password", path.display())]
    NoLine {
        /// The file.
        path: PathBuf,
        /// What a line that fits begins with.
        line: String,
    },
}

impl PostgresUrl {
    /// The password: in the file that the URL names, else where libpq looks; `None` where there is none, as
    /// where the server asks for none. `variable` gives the variables of the environment.
    pub fn password(
        &self,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Option<Zeroizing<String>>, PassfileError> {
        let login = self.login();
        let Some(path) = self.passfile() else { return Ok(login.password(variable)) };
        let path = path.to_owned();
        match in_file(&path, login) {
            Ok(File::Fits(password)) => Ok(Some(password)),
            Ok(File::Open) => Err(PassfileError::Open { path }),
            Ok(File::NoLine) => {
                let PostgresLogin { host, port, database, user } = login;
                let fields = [host, &port.to_string(), database, user].map(escaped);
                Err(PassfileError::NoLine { path, line: fields.join(":") })
            }
            Err(source) => Err(PassfileError::Unreadable { path, source }),
        }
    }
}

impl PostgresLogin<'_> {
    /// `$PGPASSWORD`; else the first line that fits of `$PGPASSFILE`, or of `~/.pgpass`.
    pub fn password(self, variable: impl Fn(&str) -> Option<OsString>) -> Option<Zeroizing<String>> {
        if let Some(password) = variable("PGPASSWORD") {
            return password.into_string().ok().map(Zeroizing::new);
        }
        let home = || variable("HOME").map(|home| Path::new(&home).join(".pgpass"));
        let file = variable("PGPASSFILE").map(PathBuf::from).or_else(home)?;
        match in_file(&file, self).ok()? {
            File::Fits(password) => Some(password),
            File::NoLine => None,
            File::Open => {
                tracing::warn!(file = %file.display(), "others can read this password file, so it is not used; chmod 600");
                None
            }
        }
    }
}

/// What a file says of one login.
enum File {
    Fits(Zeroizing<String>),
    NoLine,
    Open,
}

/// libpq refuses a file that the group can read, too. Credentials of systemd and secrets of Kubernetes have
/// that bit set (by an ACL's mask, by `fsGroup`), and are read by nobody else for it.
fn in_file(path: &Path, login: PostgresLogin<'_>) -> io::Result<File> {
    if std::fs::metadata(path)?.permissions().mode() & 0o007 != 0 {
        return Ok(File::Open);
    }
    let text = Zeroizing::new(std::fs::read_to_string(path)?);
    Ok(fitting(&text, login).map_or(File::NoLine, File::Fits))
}

/// `host:port:database:user:password`, each of the first four maybe `*`, with `\` before `:` and `\`.
fn fitting(text: &str, login: PostgresLogin<'_>) -> Option<Zeroizing<String>> {
    let port = login.port.to_string();
    let wanted = [login.host, &port, login.database, login.user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = fields(line).into_iter();
        let fits =
            wanted.iter().all(|want| fields.next().is_some_and(|field| *field == "*" || *field == *want));
        fields.next().filter(|_| fits)
    })
}

fn fields(line: &str) -> Vec<Zeroizing<String>> {
    // No field grows beyond what is reserved, which would leave a copy of it behind.
    let field = || Zeroizing::new(String::with_capacity(line.len()));
    let (mut fields, mut characters) = (vec![field()], line.chars());
    while let Some(character) = characters.next() {
        let literal = if character == '\\' { characters.next() } else { Some(character) };
        match (character, literal, fields.last_mut()) {
            (':', ..) => fields.push(field()),
            (_, Some(literal), Some(field)) => field.push(literal),
            _ => {}
        }
    }
    fields
}

fn escaped(field: &str) -> String {
    field.replace('\\', "\\\\").replace(':', "\\:")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: PostgresLogin<'_> =
        PostgresLogin { host: "db.internal", port: 5432, database: "shop", user: "web" };

    fn found(text: &str, login: PostgresLogin<'_>) -> Option<String> {
        fitting(text, login).map(|password| password.to_string())
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "# ours\ndb.internal:5432:other:web:no\ndb.internal:*:shop:web:one\n*:*:*:*:two\n";
        assert_eq!(found(text, LOGIN).as_deref(), Some("one"));
        assert_eq!(found(text, PostgresLogin { user: "root", ..LOGIN }).as_deref(), Some("two"));
        assert_eq!(found("*:*:*:root:x\nbroken\n", LOGIN), None);
    }

    #[test]
    fn colons_and_backslashes_of_a_password_are_escaped() {
        assert_eq!(found(r"*:*:*:*:a\:b\\c", LOGIN).as_deref(), Some(r"a:b\c"));
    }

    #[test]
    fn the_variable_comes_before_the_file_and_a_file_that_others_can_read_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let file = passfile(folder.path(), "*:*:*:*:from the file", 0o600);
        let with_file = |name: &str| (name == "PGPASSFILE").then(|| file.clone().into_os_string());
        let of = |password: Option<Zeroizing<String>>| password.map(|password| password.to_string());
        assert_eq!(of(LOGIN.password(with_file)).as_deref(), Some("from the file"));
        passfile(folder.path(), "*:*:*:*:from the file", 0o644);
        assert_eq!(of(LOGIN.password(with_file)), None);
        let variable = |name: &str| (name == "PGPASSWORD").then(|| "first".into());
        assert_eq!(of(LOGIN.password(variable)).as_deref(), Some("first"));
    }

    #[test]
    fn the_file_that_a_url_names_must_have_the_password() {
        let folder = tempfile::tempdir().unwrap();
        let sought = |text: &str, mode| {
            passfile(folder.path(), text, mode);
            let url = "postgres://web@[::1]/shop?passfile=pgpass".parse::<PostgresUrl>().unwrap();
            let variable = |_: &str| Some("of the environment".into());
            url.starting_at(folder.path()).password(variable).map_err(|error| error.to_string())
        };
        let line = r"\:\:1:5432:shop:web:";
        assert_eq!(sought(&format!("{line}one"), 0o440).unwrap().unwrap().as_str(), "one");
        let error = sought("db.internal:5432:shop:web:two", 0o600).unwrap_err();
        assert!(error.contains(&format!("add `{line}` and the password")), "{error}");
        let error = sought(&format!("{line}one"), 0o604).unwrap_err();
        assert!(error.contains("run: chmod 600"), "{error}");
        std::fs::remove_file(folder.path().join("pgpass")).unwrap();
        let url = "postgres://web@[::1]/shop?passfile=/no/such".parse::<PostgresUrl>().unwrap();
        assert!(matches!(url.password(|_| None), Err(PassfileError::Unreadable { .. })));
    }

    fn passfile(folder: &Path, text: &str, mode: u32) -> PathBuf {
        let file = folder.join("pgpass");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        file
    }
}
