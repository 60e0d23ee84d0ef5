import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

/** A dead line is found before a call has to wait for its deadline: routers forget idle connections. */
const keepAliveMs = 60_000;

/** TLS with a certificate that the given authority (PEM) signed for this host; anything else is an error of the socket. */
export function connectVerified(host: string, port: number, ca: string): TLSSocket {
  const socket = connect({
    host,
    port,
    ca,
    // Also where NODE_TLS_REJECT_UNAUTHORIZED says otherwise: the password goes over this line.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    // An address is no server name (RFC 6066); the certificate is then checked for the address.
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  return socket.setKeepAlive(true, keepAliveMs);
}
