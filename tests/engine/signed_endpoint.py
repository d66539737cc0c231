"""An emulator behind HTTPS, with its own CA, that requires the right keys, Region and signatures.

It is a proxy in front of a different emulator, and forwards correctly signed requests to it.
"""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import urllib3
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOT_HANDED_ON = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})
ERROR = """<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>
<RequestId>1</RequestId></ErrorResponse>"""


class Authority:
    """An unknown certificate authority."""

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the tests' CA")])
        certificate = self._signed(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0))
        self.file = folder / "ca.pem"
        self.file.write_bytes(certificate)
        self._folder = folder

    def server_context(self, host: str = "127.0.0.1") -> ssl.SSLContext:
        """The TLS context that a server needs to serve HTTPS on an address."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file = self._folder / f"{host}.pem"
        file.write_bytes(private + self._signed(name, key, address))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> bytes:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class Refusal(Exception):
    """An AWS error code and a message."""


@dataclass
class Demands:
    """The keys and the Region that a server accepts, and the Regions and key IDs in its requests."""

    access_key_id: str = "AKIDOFTHISRUN0042"
    secret_access_key: str = "the-secret-of-this-run"
    session_token: str = ""
    region: str = "eu-central-1"
    ids: set[str] = field(default_factory=set)

    def check(self, request: AWSRequest, headers: Mapping[str, str]) -> None:
        """Raise Refusal, like AWS, for any request that is not signed correctly."""
        scheme, _, rest = headers.get("authorization", "").partition(" ")
        if scheme != "AWS4-HMAC-SHA256":
            raise Refusal("MissingAuthenticationToken", "Request is missing Authentication Token")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        access_key_id, _, region, service, _ = parts["Credential"].split("/")
        self.ids.add(access_key_id)
        token = headers.get("x-amz-security-token", "")
        if (access_key_id, token) != (self.access_key_id, self.session_token):
            raise Refusal("InvalidClientTokenId", "The security token included in the request is invalid.")
        if region != self.region:
            text = f"Credential should be scoped to a valid region, not '{region}'."
            raise Refusal("SignatureDoesNotMatch", text)
        signed = parts["SignedHeaders"].split(";")
        for name in signed:
            request.headers[name] = headers[name]
        request.context["timestamp"] = headers["x-amz-date"]
        kind = S3SigV4Auth if service == "s3" else SigV4Auth
        auth = kind(Credentials(self.access_key_id, self.secret_access_key), service, region)
        expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        if parts["Signature"] != expected:
            text = f"The request signature does not match. Credential={access_key_id}\n{headers}"
            raise Refusal("SignatureDoesNotMatch", text)


@contextmanager
def signed_endpoint(behind: str, context: ssl.SSLContext, demands: Demands) -> Iterator[str]:
    """Serve in front of the emulator `behind`, and return the URL."""
    pool = urllib3.PoolManager(maxsize=32)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            chunked = headers.pop("transfer-encoding", "") == "chunked"
            body = self.chunks() if chunked else self.rfile.read(int(headers.get("content-length", 0)))
            parts = urlsplit(self.path)
            request = AWSRequest(
                method=self.command,
                url=f"https://{headers['host']}{parts.path}",
                params=dict(parse_qsl(parts.query, keep_blank_values=True)),
                data=body,
            )
            try:
                demands.check(request, headers)
            except Refusal as refusal:
                code, message = refusal.args
                text = ERROR.format(code=code, message=message)
                self.reply(403, {"content-type": "text/xml"}, text.encode())
                return
            answer = pool.request(
                self.command, behind + self.path, body=body, headers=headers, redirect=False, retries=False,
                preload_content=True, decode_content=False,
            )  # fmt: skip
            kept = {k.lower(): v for k, v in answer.headers.items() if k.lower() not in NOT_HANDED_ON}
            if self.command == "HEAD" and "content-length" in answer.headers:
                kept["content-length"] = answer.headers["content-length"]
            self.reply(answer.status, kept, answer.data)

        def chunks(self) -> bytes:
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815

        def reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Report errors, except clients that disconnect, for example because of the certificate."""
            if not isinstance(sys.exception(), OSError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
