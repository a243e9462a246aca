//! Lines of configuration for each software, as data. `{…}` is filled in from the policy.

use super::{Fix, Software};

/// What to write.
pub(super) struct Row {
    fix: Fix,
    software: Software,
    pub(super) place: &'static str,
    pub(super) lines: &'static [&'static str],
    pub(super) needs: &'static str,
}

/// The row of a fix for a software.
pub(super) fn row(fix: Fix, software: Software) -> Option<&'static Row> {
    ROWS.iter().find(|row| (row.fix, row.software) == (fix, software))
}

const fn row_of(software: Software, fix: Fix, place: &'static str, lines: &'static [&'static str]) -> Row {
    Row { fix, software, place, lines, needs: "" }
}

impl Row {
    const fn needs(mut self, needs: &'static str) -> Self {
        self.needs = needs;
        self
    }
}

use Fix::{
    Chain, Cleartext, Compression, Cookies, Groups, Hsts, Location, PostQuantum, Redirect, Renegotiation,
    Staple, Suites, Versions,
};
use Software::{
    Apache, Caddy, Cloudfront, Dovecot, ElasticLoadBalancing, Envoy, Haproxy, Mysql, Nginx, Openldap,
    Openssl, Postfix, Postgresql, Redis, Vsftpd,
};

const HAS_HYBRIDS: &str = "OpenSSL 3.5 or newer";
const IS_OPENSSL: &str = "a server that leaves this to OpenSSL";
const SYSTEM_DEFAULT: &str = "the section of openssl.cnf that system_default names";

#[rustfmt::skip]
static ROWS: &[Row] = &[
    row_of(Nginx, Cleartext, "the server block", &["listen 443 ssl;", "ssl_certificate fullchain.pem;", "ssl_certificate_key key.pem;"]),
    row_of(Nginx, Versions, "the http block", &["ssl_protocols {versions };"]),
    row_of(Nginx, Suites, "the http block", &["ssl_ciphers {suites:};", "ssl_conf_command Ciphersuites {newest:};"])
        .needs("nginx 1.19.4 or newer"),
    row_of(Nginx, Groups, "the http block", &["ssl_ecdh_curve {groups:};"]),
    row_of(Nginx, PostQuantum, "the http block", &["ssl_ecdh_curve {post-quantum:};"]).needs(HAS_HYBRIDS),
    row_of(Nginx, Chain, "the server block", &["ssl_certificate fullchain.pem;"]),

    row_of(Nginx, Staple, "the server block", &["ssl_stapling on;", "ssl_stapling_verify on;"]),
    row_of(Nginx, Hsts, "the server block", &["add_header Strict-Transport-Security \"max-age=63072000\" always;"]),
    row_of(Nginx, Redirect, "the server block of port 80", &["return 301 https://$host$request_uri;"]),
    row_of(Nginx, Location, "the location that is passed on", &["proxy_set_header X-Forwarded-Proto $scheme;", "proxy_redirect http:// https://;"]),
    row_of(Nginx, Cookies, "the location that is passed on", &["proxy_cookie_flags ~ secure;"]).needs("nginx 1.19.3 or newer"),

    row_of(Apache, Staple, "the server configuration", &["SSLUseStapling on", "SSLStaplingCache shmcb:/var/run/ocsp(128000)"]),
    row_of(Apache, Hsts, "the virtual host", &["Header always set Strict-Transport-Security \"max-age=63072000\""]).needs("mod_headers"),
    row_of(Apache, Redirect, "the virtual host of port 80", &["Redirect permanent / https://{name}/"]),
    row_of(Apache, Location, "the virtual host", &["RequestHeader set X-Forwarded-Proto https", "Header edit Location ^http:// https://"]).needs("mod_headers"),
    row_of(Haproxy, Location, "the frontend", &["http-request set-header X-Forwarded-Proto https if { ssl_fc }"]),
    row_of(Haproxy, Hsts, "the frontend", &["http-response set-header Strict-Transport-Security max-age=63072000"]),
    row_of(Haproxy, Redirect, "the frontend", &["http-request redirect scheme https code 301 unless { ssl_fc }"]),
    row_of(Caddy, Hsts, "the site", &["header Strict-Transport-Security max-age=63072000"]),
    row_of(ElasticLoadBalancing, Redirect, "a shell with the AWS command line", &["aws elbv2 modify-listener --listener-arn ARN --default-actions Type=redirect,RedirectConfig='{Protocol=HTTPS,Port=443,StatusCode=HTTP_301}'"]),
    row_of(Cloudfront, Redirect, "DefaultCacheBehavior and each of CacheBehaviors", &["\"ViewerProtocolPolicy\": \"redirect-to-https\""]),

    row_of(Apache, Cleartext, "the virtual host", &["SSLEngine on", "SSLCertificateFile fullchain.pem", "SSLCertificateKeyFile key.pem"]),
    row_of(Apache, Versions, "the server configuration", &["SSLProtocol -all {+versions }"]),
    row_of(Apache, Suites, "the server configuration", &["SSLCipherSuite {suites:}", "SSLCipherSuite TLSv1.3 {newest:}"]),
    row_of(Apache, Groups, "the server configuration", &["SSLOpenSSLConfCmd Groups {groups:}"]),
    row_of(Apache, PostQuantum, "the server configuration", &["SSLOpenSSLConfCmd Groups {post-quantum:}"]).needs(HAS_HYBRIDS),
    row_of(Apache, Compression, "the server configuration", &["SSLCompression off"]),
    row_of(Apache, Renegotiation, "the server configuration", &["SSLInsecureRenegotiation off"]),
    row_of(Apache, Chain, "the virtual host", &["SSLCertificateFile fullchain.pem"]),

    row_of(Haproxy, Cleartext, "the bind line", &["ssl crt fullchain-and-key.pem"]),
    row_of(Haproxy, Versions, "the global section", &["ssl-default-bind-options ssl-min-ver {lowest}"]),
    row_of(Haproxy, Suites, "the global section", &["ssl-default-bind-ciphers {suites:}", "ssl-default-bind-ciphersuites {newest:}"]),
    row_of(Haproxy, Groups, "the bind line", &["curves {groups:}"]),
    row_of(Haproxy, PostQuantum, "the bind line", &["curves {post-quantum:}"]).needs(HAS_HYBRIDS),
    row_of(Haproxy, Chain, "the bind line", &["ssl crt fullchain-and-key.pem"]),

    row_of(Envoy, Versions, "common_tls_context of the listener's transport socket", &["tls_params:", "  tls_minimum_protocol_version: {lowest_}", "  tls_maximum_protocol_version: {highest_}"]),
    row_of(Envoy, Suites, "common_tls_context of the listener's transport socket", &["tls_params:", "  cipher_suites: [{boring-suites, }]"]),
    row_of(Envoy, Groups, "common_tls_context of the listener's transport socket", &["tls_params:", "  ecdh_curves: [{boring-groups, }]"]),
    row_of(Envoy, PostQuantum, "common_tls_context of the listener's transport socket", &["tls_params:", "  ecdh_curves: [{boring-post-quantum, }]"]),

    row_of(Caddy, Versions, "the tls directive of the site", &["protocols {lowest-}"]),
    row_of(Caddy, PostQuantum, "the tls directive of the site", &["curves x25519mlkem768 x25519 secp256r1 secp384r1"]).needs("Caddy 2.10 or newer"),

    row_of(ElasticLoadBalancing, Cleartext, "a shell with the AWS command line", &["aws elbv2 modify-listener --listener-arn ARN --protocol HTTPS --certificates CertificateArn=ARN --ssl-policy {elb}"]),
    row_of(ElasticLoadBalancing, Versions, "a shell with the AWS command line", &["aws elbv2 modify-listener --listener-arn ARN --ssl-policy {elb}"]),
    row_of(ElasticLoadBalancing, Suites, "a shell with the AWS command line", &["aws elbv2 modify-listener --listener-arn ARN --ssl-policy {elb}"]),
    row_of(ElasticLoadBalancing, Groups, "a shell with the AWS command line", &["aws elbv2 modify-listener --listener-arn ARN --ssl-policy {elb}"]),
    row_of(ElasticLoadBalancing, PostQuantum, "a shell with the AWS command line", &["aws elbv2 modify-listener --listener-arn ARN --ssl-policy {elb-hybrid}"]),

    row_of(Cloudfront, Cleartext, "DefaultCacheBehavior and each of CacheBehaviors", &["\"ViewerProtocolPolicy\": \"https-only\""]),
    row_of(Cloudfront, Versions, "ViewerCertificate of the distribution", &["\"MinimumProtocolVersion\": \"{cloudfront}\""]),
    row_of(Cloudfront, Suites, "ViewerCertificate of the distribution", &["\"MinimumProtocolVersion\": \"{cloudfront}\""]),

    row_of(Postgresql, Cleartext, "postgresql.conf, and pg_hba.conf", &["ssl = on", "hostssl all all all scram-sha-256"]),
    row_of(Postgresql, Versions, "postgresql.conf", &["ssl_min_protocol_version = '{lowest}'"]),
    row_of(Postgresql, Suites, "postgresql.conf", &["ssl_ciphers = '{suites:}'"]),
    row_of(Postgresql, Groups, "postgresql.conf", &["ssl_ecdh_curve = '{curve}'"]),
    row_of(Postgresql, PostQuantum, "postgresql.conf", &["ssl_groups = '{post-quantum:}'"]).needs("PostgreSQL 18 on OpenSSL 3.5 or newer"),

    row_of(Mysql, Cleartext, "the section [mysqld] of my.cnf", &["require_secure_transport = ON"]),
    row_of(Mysql, Versions, "the section [mysqld] of my.cnf", &["tls_version = {versions,}"]),
    row_of(Mysql, Suites, "the section [mysqld] of my.cnf", &["ssl_cipher = {suites:}"]),

    row_of(Redis, Cleartext, "redis.conf", &["port 0", "tls-port 6379", "tls-cert-file fullchain.pem", "tls-key-file key.pem"]),
    row_of(Redis, Versions, "redis.conf", &["tls-protocols \"{versions }\""]),
    row_of(Redis, Suites, "redis.conf", &["tls-ciphers {suites:}", "tls-ciphersuites {newest:}"]),

    row_of(Postfix, Cleartext, "main.cf", &["smtpd_tls_security_level = may", "smtpd_tls_chain_files = key-and-fullchain.pem"]),
    row_of(Postfix, Versions, "main.cf", &["smtpd_tls_protocols = >={lowest}", "smtpd_tls_mandatory_protocols = >={lowest}"]).needs("Postfix 3.6 or newer"),
    row_of(Postfix, Suites, "main.cf", &["smtpd_tls_ciphers = high", "smtpd_tls_mandatory_ciphers = high", "tls_high_cipherlist = {suites:}"]),
    row_of(Postfix, Groups, "main.cf", &["tls_eecdh_auto_curves = {groups, }"]),
    row_of(Postfix, PostQuantum, "main.cf", &["tls_eecdh_auto_curves = {post-quantum, }"]).needs(HAS_HYBRIDS),

    row_of(Dovecot, Cleartext, "dovecot.conf", &["ssl = required"]),
    row_of(Dovecot, Versions, "dovecot.conf", &["ssl_min_protocol = {lowest}"]),
    row_of(Dovecot, Suites, "dovecot.conf", &["ssl_cipher_list = {suites:}"]),
    row_of(Dovecot, Groups, "dovecot.conf", &["ssl_curve_list = {groups:}"]),
    row_of(Dovecot, PostQuantum, "dovecot.conf", &["ssl_curve_list = {post-quantum:}"]).needs(HAS_HYBRIDS),

    row_of(Vsftpd, Cleartext, "vsftpd.conf", &["ssl_enable=YES", "rsa_cert_file=fullchain.pem", "rsa_private_key_file=key.pem", "force_local_logins_ssl=YES", "force_local_data_ssl=YES"]),
    row_of(Vsftpd, Suites, "vsftpd.conf", &["ssl_ciphers={suites:}"]),

    row_of(Openldap, Cleartext, "slapd.conf", &["TLSCertificateFile fullchain.pem", "TLSCertificateKeyFile key.pem", "security ssf=128"]),
    row_of(Openldap, Versions, "slapd.conf", &["TLSCipherSuite NORMAL:-VERS-ALL:{priorities:}"])
        .needs("a slapd with GnuTLS, such as Debian's; one with OpenSSL takes TLSProtocolMin"),

    row_of(Openssl, Versions, SYSTEM_DEFAULT, &["MinProtocol = {lowest}"]).needs(IS_OPENSSL),
    row_of(Openssl, Suites, SYSTEM_DEFAULT, &["CipherString = {suites:}", "Ciphersuites = {newest:}"]).needs(IS_OPENSSL),
    row_of(Openssl, Groups, SYSTEM_DEFAULT, &["Groups = {groups:}"]).needs(IS_OPENSSL),
    row_of(Openssl, PostQuantum, SYSTEM_DEFAULT, &["Groups = {post-quantum:}"]).needs("a server that leaves this to OpenSSL 3.5 or newer"),
];

/// What the table has something for.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = (Fix, Software)> {
    ROWS.iter().map(|row| (row.fix, row.software))
}
