//! Certificates that are not of Hermetic's making.

use std::path::Path;

use super::openssl;

/// Valid for as long as these scenarios will be run.
pub const VALID: (u16, u16) = (2024, 2090);

/// A CA and a server certificate of openssl's making, in `folder`, valid over these years.
pub fn certificate(folder: &Path, name: &str, years: (u16, u16)) {
    let path = |file: &str| folder.join(file).to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| {
        let output = openssl(arguments, b"");
        assert!(output.status.success(), "{output:?}");
    };
    let (ca, ca_key) = (path("origin-ca.pem"), path("origin-ca.key"));
    let (key, csr, cert, settings) =
        (path("origin.key"), path("origin.csr"), path("origin.pem"), path("ca.cnf"));
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let (subject, out) = (["-subj", "/CN=Origin CA", "-days", "30"], ["-keyout", &ca_key, "-out", &ca]);
    run(&[&["req", "-x509"], &curve[..], &out[..], &subject[..]].concat());
    run(&[&["req"], &curve[..], &["-keyout", &key, "-out", &csr, "-subj", "/CN=origin"]].concat());
    let here = folder.display();
    let text = format!(
        "[ca]\ndefault_ca = d\n[d]\ndatabase = {here}/index\nserial = {here}/serial\nnew_certs_dir = {here}\n\
         certificate = {ca}\nprivate_key = {ca_key}\ndefault_md = sha256\npolicy = p\nx509_extensions = x\n\
         [p]\ncommonName = supplied\n[x]\nsubjectAltName = DNS:{name}\nextendedKeyUsage = serverAuth\n"
    );
    std::fs::write(&settings, text).unwrap();
    std::fs::write(folder.join("index"), "").unwrap();
    std::fs::write(folder.join("serial"), "1000\n").unwrap();
    let (start, end) = (format!("{}0101000000Z", years.0), format!("{}0101000000Z", years.1));
    run(&[
        "ca",
        "-batch",
        "-notext",
        "-config",
        &settings,
        "-in",
        &csr,
        "-out",
        &cert,
        "-startdate",
        &start,
        "-enddate",
        &end,
    ]);
}
