"""A server of tlslite-ng with everything that it knows: SSL 3.0 to TLS 1.3, RC4, 3DES, NULL, and hybrid groups.

Argument: the file with key and certificate. It says its port.
"""
import socket
import sys
import threading

from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
from tlslite.handshakesettings import ALL_CIPHER_NAMES

pem = open(sys.argv[1]).read()
chain = X509CertChain()
chain.parsePemList(pem)
key = parsePEMKey(pem, private=True)
settings = HandshakeSettings()
settings.minVersion = (3, 0)
settings.maxVersion = (3, 4)
settings.cipherNames = list(ALL_CIPHER_NAMES)


def serve(connection):
    try:
        session = TLSConnection(connection)
        session.handshakeServer(certChain=chain, privateKey=key, settings=settings, sessionCache=None)
        session.close()
    except Exception:
        connection.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print("ACCEPT 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
