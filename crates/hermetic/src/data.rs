//! Which data folder a command is about.

use std::path::{Path, PathBuf};

use hermetic_authority::{AuthorityError, Settings};
use hermetic_config::{Configuration, KeyEncryption};
use hermetic_store::{Store, StorePlace};
use hermetic_tls::{Clock, SystemClock, TrustDomain};

use crate::arguments;
use crate::exit::Failure;
use crate::settings::settings;

/// The configuration that counts where none is named.
const CONFIGURATION: &str = "hermetic.toml";

/// The data folder where no configuration names one.
const DATA: &str = ".hermetic";

/// An instance's place, and what its configuration says of its authority.
#[derive(Clone, Debug)]
pub struct Place {
    /// The data folder.
    pub data: PathBuf,
    /// Where the store is.
    pub store: StorePlace,
    /// What its private keys are sealed under.
    pub encryption: KeyEncryption,
    /// The trust domain of SPIFFE IDs.
    pub trust_domain: TrustDomain,
    /// What its authority is opened with.
    pub settings: Settings,
}

impl Place {
    /// The place that was named; else that of the configuration in `here`; else `.hermetic` there.
    pub fn find(named: &arguments::Place, here: &Path, clock: &dyn Clock) -> Result<Self, Failure> {
        let configuration = here.join(CONFIGURATION);
        let of_file =
            |path: &Path| -> Result<Self, Failure> { Ok(Self::of(hermetic_config::read(path, clock)?)?) };
        match (&named.data, &named.config) {
            (Some(data), _) => Self::folder(data.clone(), clock),
            (None, Some(config)) => of_file(config),
            (None, None) if configuration.exists() => of_file(&configuration),
            (None, None) => Self::folder(here.join(DATA), clock),
        }
    }

    /// Opens the store of a place for reading, whether an instance runs or not.
    pub async fn open_to_read(named: &arguments::Place) -> Result<Store, Failure> {
        let place = Self::find(named, Path::new(""), &SystemClock)?;
        Ok(Store::open_read_only(&place.store).await?)
    }

    fn of(configuration: Configuration) -> Result<Self, AuthorityError> {
        let settings = settings(&configuration)?;
        let hermetic_config::Authority { trust_domain, .. } = configuration.authority;
        let store = StorePlace::of(&configuration.data, configuration.store.as_ref());
        let Configuration { data, encryption, .. } = configuration;
        Ok(Self { data, store, encryption, trust_domain, settings })
    }

    /// A folder of which nothing is written.
    fn folder(data: PathBuf, clock: &dyn Clock) -> Result<Self, Failure> {
        let mut configuration = hermetic_config::parse("", Path::new(CONFIGURATION), clock)?;
        configuration.move_data(data);
        Ok(Self::of(configuration)?)
    }

    /// The file of the authority's root certificate.
    pub fn root(&self) -> PathBuf {
        self.data.join("ca.pem")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(config: Option<&str>, data: Option<&str>, here: &Path) -> Result<Place, Failure> {
        let named = arguments::Place { config: config.map(|c| here.join(c)), data: data.map(PathBuf::from) };
        Place::find(&named, here, &SystemClock)
    }

    #[test]
    fn a_folder_that_is_named_comes_before_any_configuration() {
        let here = tempfile::tempdir().unwrap();
        std::fs::write(here.path().join("hermetic.toml"), "not even a configuration").unwrap();
        assert_eq!(find(None, Some("/elsewhere"), here.path()).unwrap().data, Path::new("/elsewhere"));
    }

    #[test]
    fn without_a_configuration_it_is_dot_hermetic_here() {
        let here = tempfile::tempdir().unwrap();
        assert_eq!(find(None, None, here.path()).unwrap().data, here.path().join(".hermetic"));
    }

    #[test]
    fn the_configuration_here_or_the_one_that_is_named_says_where() {
        let here = tempfile::tempdir().unwrap();
        std::fs::write(here.path().join("hermetic.toml"), "data = \"one\"\n").unwrap();
        let other = "data = \"/two\"\n[authority]\ntrust_domain = \"example.org\"\n";
        std::fs::write(here.path().join("other.toml"), other).unwrap();
        assert_eq!(find(None, None, here.path()).unwrap().data, here.path().join("one"));
        let place = find(Some("other.toml"), None, here.path()).unwrap();
        assert_eq!(place.data, Path::new("/two"));
        assert_eq!(place.trust_domain.to_string(), "example.org");
    }

    #[test]
    fn a_configuration_that_is_wrong_is_told_and_not_passed_over() {
        let here = tempfile::tempdir().unwrap();
        std::fs::write(here.path().join("hermetic.toml"), "dta = \"one\"\n").unwrap();
        assert!(find(None, None, here.path()).is_err());
    }
}
