//! What a configuration says of the authority, as the authority takes it.

use hermetic_authority::{AuthorityError, Profiles, RenewAt, Settings, Terms};
use hermetic_config::{Configuration, KeyEncryption, SecretSource, Token as Written};
use hermetic_keys::{KeySource, PassphraseSource, Token, TokenPlace};

/// By which terms certificates are issued.
pub fn terms(configuration: &Configuration) -> Terms {
    Terms {
        issuer: configuration.authority.issuer.clone(),
        profiles: Profiles::with(configuration.profiles.iter().cloned()),
        site: configuration.authority.url.clone(),
        renew_at: {
            let (part, whole) = configuration.authority.renew_at.parts();
            RenewAt::new(part, whole).unwrap_or_default()
        },
        expiry_warning: configuration.authority.expiry_warning,
        crl_lifetime: configuration.authority.crl_lifetime,
        ocsp_lifetime: configuration.authority.ocsp_lifetime,
    }
}

/// What the authority is opened with.
pub fn settings(configuration: &Configuration) -> Result<Settings, AuthorityError> {
    let token = |written: &Written| {
        let Written { name, module, label, pin } = written.clone();
        (name.to_string(), Token::new(TokenPlace { module, label, pin: source(pin) }))
    };
    let tokens = configuration.tokens.iter().map(token).collect();
    let mut settings =
        Settings { tokens, terms: terms(configuration), ..Settings::of_folder(&configuration.data) };
    settings.encryption = match configuration.encryption.clone() {
        KeyEncryption::File(path) => KeySource::File(path),
        KeyEncryption::Passphrase(passphrase) => KeySource::Passphrase(source(passphrase)),
        KeyEncryption::Credential(name) => KeySource::systemd_credential(name)?,
        KeyEncryption::Token { token, key } => {
            let known = settings.tokens.get(token.as_str()).cloned();
            KeySource::Token { token: known.ok_or(AuthorityError::NoToken(token.to_string()))?, key }
        }
    };
    Ok(settings)
}

fn source(secret: SecretSource) -> PassphraseSource {
    match secret {
        SecretSource::File(path) => PassphraseSource::File(path),
        SecretSource::Variable(name) => PassphraseSource::Environment(name),
    }
}
