//! Exceptions that do nothing: whoever wrote one thinks that it does.

use hermetic_config::nearest;
use hermetic_posture::Control;
use hermetic_posture::report::{ExceptionLine, State};

/// A warning for each exception that covers nothing, in words.
pub fn warnings(exceptions: &[ExceptionLine], known: &[&Control]) -> Vec<String> {
    let told = |line: &ExceptionLine| {
        let why = why(line, known)?;
        Some(format!("{}:{}:{}: {why}", line.file, line.line, line.column))
    };
    exceptions.iter().filter_map(told).collect()
}

fn why(line: &ExceptionLine, known: &[&Control]) -> Option<String> {
    let ExceptionLine { control, resource, exception, state, .. } = line;
    match state {
        State::Holds => None,
        State::Ended => Some(format!(
            "the exception of {} from {control} ended with {}; remove it, or have it renewed",
            exception.owner, exception.until
        )),
        State::CoversNothing => Some(format!(
            "the exception from {control} covers nothing here: no resource that fits `{resource}` needs it; remove \
             it, or mend what it names"
        )),
        // It may be for a control of one's own that is not given this time, so it is no error.
        State::NotJudged if !known.iter().any(|it| it.is_called(control)) => {
            let names = known.iter().flat_map(|control| control.names());
            let meant = nearest(control, names).map(|meant| format!("; did you mean `{meant}`?"));
            Some(format!("no control is called `{control}`{}", meant.unwrap_or_default()))
        }
        State::NotJudged => None,
    }
}
