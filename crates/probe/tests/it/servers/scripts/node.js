// A server of an old Node with everything that its OpenSSL knows.
// Arguments: the method, the file with the key (PKCS #1), the file with the certificate. It says its port.
var tls = require('tls'), fs = require('fs');
var server = tls.createServer({
  key: fs.readFileSync(process.argv[3]),
  cert: fs.readFileSync(process.argv[4]),
  secureProtocol: process.argv[2],
  ciphers: 'ALL:COMPLEMENTOFALL'
}, function (connection) {
  connection.on('error', function () {});
  connection.end();
});
// Clients that leave in the middle are no reason to end.
process.on('uncaughtException', function () {});
server.listen(0, '127.0.0.1', function () {
  console.log('ACCEPT 127.0.0.1:' + server.address().port);
});
