"""Lints certificates, one a line on standard input, or a pair of issuer and subject; prints what is an error."""

import contextlib
import csv
import io
import sys

from pkilint.bin import lint_pkix_cert, lint_pkix_signer_signee_cert_chain

# What pkilint does not know: that the first label of a name may be a wildcard (RFC 9525 section 6.3, which
# RFC 5280 leaves to others), and the scheme of SPIFFE, which is not among those that it counts as URLs.
UNKNOWN = {
    ("pkix.invalid_domain_name_syntax", 'Invalid domain name syntax: "*.'),
    ("pkix.invalid_uri_syntax", 'Invalid URI syntax: "spiffe://'),
}


def found(lint, *files):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = lint.main(["lint", "-s", "ERROR", "-f", "CSV", *files])
    rows = list(csv.DictReader(io.StringIO(output.getvalue())))
    assert status == 0 or rows, f"{files}: {output.getvalue()}"
    for row in rows:
        if not any(row["code"] == code and row["message"].startswith(text) for code, text in UNKNOWN):
            print(*files, row["node_path"], row["code"], row["message"])


lines = [line.split() for line in sys.stdin]
for certificate in sorted({name for line in lines for name in line}):
    found(lint_pkix_cert, certificate)
for line in lines:
    if len(line) == 2:
        found(lint_pkix_signer_signee_cert_chain, *line)
