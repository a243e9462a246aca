"""A server with the OpenSSL 1.0.2e that the Python package `nassl` carries: SSL 2.0, export suites, compression.

Its functions are not exported, but their symbols are there: they are called where the module was loaded.
Arguments: SSLv2_server_method or SSLv23_server_method, the file with key and certificate, and one with the
parameters of Diffie-Hellman. It says its port.
"""
import ctypes
import os
import socket
import subprocess
import sys

import nassl._nassl_legacy as module

path = os.path.realpath(module.__file__)
symbols = {}
for line in subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout.splitlines():
    parts = line.split()
    if len(parts) == 3 and parts[1] in "tT":
        symbols[parts[2]] = int(parts[0], 16)
with open("/proc/self/maps") as maps:
    base = min(int(line.split("-")[0], 16) for line in maps if path in line)

P, I, L = ctypes.c_void_p, ctypes.c_int, ctypes.c_long


def function(name, result, *arguments):
    return ctypes.CFUNCTYPE(result, *arguments)(base + symbols[name])


function("SSL_library_init", I)()
new_context = function("SSL_CTX_new", P, P)
method = function(sys.argv[1], P)
control = function("SSL_CTX_ctrl", L, P, I, L, P)
context = new_context(method())
file = sys.argv[2].encode()
assert function("SSL_CTX_use_certificate_file", I, P, ctypes.c_char_p, I)(context, file, 1) == 1
assert function("SSL_CTX_use_PrivateKey_file", I, P, ctypes.c_char_p, I)(context, file, 1) == 1
assert function("SSL_CTX_set_cipher_list", I, P, ctypes.c_char_p)(context, b"ALL:COMPLEMENTOFALL") == 1
control(context, 94, 1, None)  # SSL_CTRL_SET_ECDH_AUTO
if sys.argv[1] != "SSLv2_server_method":  # which knows neither
    read = function("BIO_new_file", P, ctypes.c_char_p, ctypes.c_char_p)(sys.argv[3].encode(), b"r")
    parameters = function("PEM_read_bio_DHparams", P, P, P, P, P)(read, None, None, None)
    assert parameters and control(context, 3, 0, parameters) == 1  # SSL_CTRL_SET_TMP_DH
    short, exponent = function("RSA_new", P)(), function("BN_new", P)()
    function("BN_set_word", I, P, ctypes.c_ulong)(exponent, 65537)
    assert function("RSA_generate_key_ex", I, P, I, P, P)(short, 512, exponent, None) == 1
    assert control(context, 2, 0, short) == 1  # SSL_CTRL_SET_TMP_RSA: for export

new = function("SSL_new", P, P)
set_fd = function("SSL_set_fd", I, P, I)
accept = function("SSL_accept", I, P)
free = function("SSL_free", None, P)


def serve(connection):
    with connection:
        session = new(context)
        set_fd(session, connection.fileno())
        accept(session)
        free(session)


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print("ACCEPT 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    # One after another: this OpenSSL has no locks unless it is given some.
    connection, _ = listener.accept()
    connection.settimeout(None)
    serve(connection)
