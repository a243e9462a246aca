//! The users of a `postgres` listener: a list in a file, or a query.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::Check;
use crate::model::{AuthQuery, Secret, UserList, Users};
use crate::written::table::{At, Optional};
use crate::written::text::Line;
use crate::written::{self, default};

impl Check<'_, '_> {
    /// The users whose login ends here; `Some(None)` where there are none.
    pub(super) fn users(&mut self, listener: &written::Listener) -> Option<Option<Users>> {
        match (&listener.users, &listener.auth_query) {
            (Optional::Wrong, _) | (_, Optional::Wrong) => None,
            (Optional::Absent, Optional::Absent) => Some(None),
            (Optional::Written(users), Optional::Absent) => {
                self.user_list(users.value.file.written()?).map(Some)
            }
            (Optional::Absent, Optional::Written(query)) => {
                self.auth_query(&query.value).map(|query| Some(Users::Query(query)))
            }
            (Optional::Written(users), Optional::Written(query)) => {
                let message = "both `users` and `auth_query` are written";
                self.problems.tell(users.key.max(query.key), message, "keep one of them");
                None
            }
        }
    }

    fn user_list(&mut self, file: &At<PathBuf>) -> Option<Users> {
        let path = self.folder.join(&file.value);
        let text = match self.read(&path) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("{} can't be read: {error}", path.display());
                let hint = "write a file with `\"user\" \"SCRAM-SHA-256$…\"` a line";
                self.problems.tell(file.at, message, hint);
                return None;
            }
        };
        match read(&text) {
            Ok(list) => Some(Users::File { path, list }),
            Err((line, problem)) => {
                let message = format!("{}:{line}: {problem}", path.display());
                let hint = "each line is `\"user\" \"SCRAM-SHA-256$…\"`, as in pg_authid";
                self.problems.tell(file.at, message, hint);
                None
            }
        }
    }

    fn auth_query(&mut self, written: &written::AuthQuery) -> Option<AuthQuery> {
        let password = written.password_file.written().and_then(|file| self.password(file));
        let line = |line: &Optional<Line>, default: &str| match line {
            Optional::Absent => Some(default.to_owned()),
            Optional::Wrong => None,
            Optional::Written(line) => Some(line.value.0.clone()),
        };
        let database = line(&written.database, default::AUTH_DATABASE);
        let query = line(&written.query, default::AUTH_QUERY);
        if let (Some(query), Optional::Written(at)) = (&query, &written.query)
            && !query.contains("$1")
        {
            let message = "this query does not ask for the user";
            self.problems.tell(at.at, message, "write `$1` where the user's name belongs");
            return None;
        }
        Some(AuthQuery {
            user: written.user.written()?.value.0.clone(),
            password: password?,
            password_file: self.folder.join(&written.password_file.written()?.value),
            database: database?,
            query: query?,
        })
    }
}

impl Check<'_, '_> {
    /// The password in a file of its own, without the end of its line.
    fn password(&mut self, file: &At<PathBuf>) -> Option<Secret> {
        let path = self.folder.join(&file.value);
        let hint = "write the password alone into a file that this user may read";
        let text = match self.read(&path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) => {
                self.problems.tell(file.at, format!("{} can't be read: {error}", path.display()), hint);
                return None;
            }
        };
        let password = text.trim_end_matches(['\r', '\n']);
        if password.is_empty() {
            self.problems.tell(file.at, format!("{}: there is no password in it", path.display()), hint);
            return None;
        }
        Some(Secret::new(Zeroizing::new(password.to_owned())))
    }
}

/// Reads PgBouncer's form: two texts in double quotes a line, `""` for a quote within; `;` begins a comment,
/// and what follows the two is passed over.
fn read(text: &str) -> Result<UserList, (usize, String)> {
    let mut list = UserList::default();
    for (number, line) in text.lines().map(str::trim).enumerate().map(|(at, line)| (at + 1, line)) {
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        let failed = |problem: String| (number, problem);
        let (user, rest) = quoted(line).ok_or_else(|| failed("no user in double quotes".to_owned()))?;
        let (secret, _) = quoted(rest.trim_start())
            .ok_or_else(|| failed(format!("no verifier in double quotes follows `{user}`")))?;
        let verifier = secret.parse().map_err(|error| failed(format!("`{user}`: {error}")))?;
        if list.0.iter().any(|(known, _)| *known == user) {
            return Err(failed(format!("`{user}` is in the list already")));
        }
        list.0.push((user, verifier));
    }
    if list.0.is_empty() {
        return Err((1, "there is no user in it".to_owned()));
    }
    Ok(list)
}

/// The text in double quotes that the line begins with, and what follows it.
fn quoted(line: &str) -> Option<(String, &str)> {
    let mut rest = line.strip_prefix('"')?;
    let mut text = String::new();
    loop {
        let (part, behind) = rest.split_once('"')?;
        text.push_str(part);
        match behind.strip_prefix('"') {
            Some(more) => {
                text.push('"');
                rest = more;
            }
            None => return Some((text, behind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    #[test]
    fn pgbouncers_list_is_read() {
        let text = format!("; ours\n\n\"web\" \"{VERIFIER}\"\n\"a \"\"b\"\"\" \"{VERIFIER}\" more\n");
        let list = read(&text).unwrap();
        let names: Vec<&str> = list.0.iter().map(|(user, _)| user.as_str()).collect();
        assert_eq!(names, ["web", "a \"b\""]);
    }

    #[test]
    fn each_mistake_is_told_with_its_line_and_without_the_secret() {
        let told = |text: &str| read(text).unwrap_err();
        assert_eq!(told(""), (1, "there is no user in it".to_owned()));
        assert_eq!(told("; x\nweb secret"), (2, "no user in double quotes".to_owned()));
        assert_eq!(told("\"web\" secret"), (1, "no verifier in double quotes follows `web`".to_owned()));
        let (line, problem) = told("\"web\" \"hunter2\"");
        assert!(line == 1 && problem.contains("pg_authid") && !problem.contains("hunter2"), "{problem}");
        let twice = format!("\"web\" \"{VERIFIER}\"\n\"web\" \"{VERIFIER}\"");
        assert_eq!(told(&twice), (2, "`web` is in the list already".to_owned()));
    }
}
