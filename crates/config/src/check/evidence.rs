//! What shows how hops that are not ours are protected: each source whole, none twice.

use std::path::PathBuf;

use hermetic_hop::ExternalEndpoint;
use hermetic_tls::Identity;

use super::Check;
use crate::external::{End, EvidenceSource, LogFormat, PgStatSsl};
use crate::written::hop::{Hop, LogSource, PgStatSslSource, Source};
use crate::written::table::{At, Optional};
use crate::written::value::List;
use crate::written::word;

impl Check<'_, '_> {
    /// The evidence of a hop whose far end must be `name`, where that is written.
    pub(super) fn evidence(&mut self, hop: &At<Hop>, name: Option<&Identity>) -> Option<Vec<EvidenceSource>> {
        let list = match &hop.value.evidence {
            Optional::Wrong => return None,
            Optional::Absent => return self.probe_alone(hop),
            Optional::Written(list) => list,
        };
        if list.value.0.is_empty() {
            let hint = "write `evidence = [\"probe\"]`, or a log";
            self.problems.tell(list.at, "an empty `evidence` shows nothing", hint);
            return None;
        }
        self.sources(&list.value, &hop.value.endpoint, name)
    }

    fn probe_alone(&mut self, hop: &At<Hop>) -> Option<Vec<EvidenceSource>> {
        if matches!(hop.value.endpoint, Optional::Absent) {
            let message = "nothing would show how this hop is protected";
            let hint = "add `endpoint = \"postgres://db.internal:5432\"` to probe, or a log as `evidence`";
            self.problems.tell(hop.at, message, hint);
            return None;
        }
        Some(vec![EvidenceSource::Probe])
    }

    fn sources(
        &mut self,
        list: &List<Source>,
        endpoint: &Optional<ExternalEndpoint>,
        name: Option<&Identity>,
    ) -> Option<Vec<EvidenceSource>> {
        let mut sources = Vec::new();
        let mut all_hold = true;
        for written in &list.0 {
            match self.source(written, endpoint, name) {
                Some(source) if sources.contains(&source) => {
                    self.problems.tell(written.at, "this evidence is in the list already", "take it out");
                }
                Some(source) => sources.push(source),
                None => all_hold = false,
            }
        }
        all_hold.then_some(sources)
    }

    fn source(
        &mut self,
        written: &At<Source>,
        endpoint: &Optional<ExternalEndpoint>,
        name: Option<&Identity>,
    ) -> Option<EvidenceSource> {
        match &written.value {
            Source::Probe => {
                if matches!(endpoint, Optional::Absent) {
                    let hint = "add `endpoint = \"postgres://db.internal:5432\"`, or `tls://host:port`";
                    self.problems.tell(written.at, "there is no endpoint to probe", hint);
                    return None;
                }
                Some(EvidenceSource::Probe)
            }
            Source::Log(log) => self.log(log),
            Source::PgStatSsl(server) => self.pg_stat_ssl(server, name).map(EvidenceSource::PgStatSsl),
        }
    }

    fn log(&mut self, written: &LogSource) -> Option<EvidenceSource> {
        let path = self.folder.join(&written.log.written()?.value);
        let format = written.format.written()?.value;
        let view = written.view.or(word::End::Server)?;
        if let (
            word::LogFormat::Nginx | word::LogFormat::Haproxy,
            Some(At { value: word::End::Client, at, .. }),
        ) = (format, written.view.written())
        {
            let message = "only Envoy logs the TLS of its connections to upstreams";
            self.problems.tell(
                *at,
                message,
                "take `view` out, or name the log of the end that it connects to",
            );
            return None;
        }
        let format = match format {
            word::LogFormat::Nginx => LogFormat::Nginx,
            word::LogFormat::Envoy => LogFormat::Envoy,
            word::LogFormat::Haproxy => LogFormat::Haproxy,
        };
        let view = match view {
            word::End::Client => End::Client,
            word::End::Server => End::Server,
        };
        Some(EvidenceSource::Log { path, format, view })
    }

    fn pg_stat_ssl(&mut self, written: &PgStatSslSource, name: Option<&Identity>) -> Option<PgStatSsl> {
        let url = written.pg_stat_ssl.written().map(|url| url.value.clone());
        let password_file = match &written.password_file {
            Optional::Absent => None,
            Optional::Wrong => return None,
            Optional::Written(file) => Some(self.password_file(file)?),
        };
        let url = url?;
        let expected = name.cloned().or_else(|| Identity::host(&url.host).ok())?;
        Some(PgStatSsl {
            host: url.host,
            port: url.port,
            user: url.user,
            database: url.database,
            password_file,
            expected,
        })
    }

    /// The file is opened and not read: the configuration never holds a password.
    fn password_file(&mut self, written: &At<PathBuf>) -> Option<PathBuf> {
        let path = self.folder.join(&written.value);
        if let Err(error) = std::fs::File::open(&path) {
            let message = format!("{} can't be read: {error}", path.display());
            self.problems.tell(
                written.at,
                message,
                "write the password alone into a file that this user may read",
            );
            return None;
        }
        Some(path)
    }
}
