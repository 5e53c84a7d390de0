"""ID tokens, signed RS256 with a key of this process, and the certificates that prove them. Start at `IdTokens`."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from infra.simulator.clock import SECOND_US
from infra.simulator.context import Context
from infra.simulator.wire import JsonObject

ISSUER = "https://accounts.google.com"
LIFETIME_S = 3600


class IdTokens:
    """Issues ID tokens; the key is made when the first one of the process is needed."""

    @cached_property
    def key(self) -> rsa.RSAPrivateKey:
        """Give the signing key."""
        return _key_of_this_process()

    @cached_property
    def key_id(self) -> str:
        """Name the key by its public half."""
        public = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return hashlib.sha256(public).hexdigest()[:40]

    def issue(self, ctx: Context, email: str, client_id: str, scopes: list[str], nonce: str | None) -> str:
        """Sign who the account is, for one client."""
        account = ctx.world.accounts[email]
        now_s = ctx.now_us() // SECOND_US
        claims: JsonObject = {
            "iss": ISSUER,
            "azp": client_id,
            "aud": client_id,
            "sub": account.sub,
            "iat": now_s,
            "exp": now_s + LIFETIME_S,
        }
        if any(scope.endswith(("email", "userinfo.email")) for scope in scopes):
            claims |= {"email": email, "email_verified": True}
        if any(scope.endswith("profile") for scope in scopes):
            claims["name"] = account.name
        if nonce is not None:
            claims["nonce"] = nonce
        header = {"alg": "RS256", "kid": self.key_id, "typ": "JWT"}
        signed = f"{_text(msgspec.json.encode(header))}.{_text(msgspec.json.encode(claims))}"
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_text(signature)}"

    def key_set(self) -> JsonObject:
        """Write the JSON Web Key Set, as at /oauth2/v3/certs."""
        numbers = self.key.public_key().public_numbers()
        return {
            "keys": [
                {
                    "kid": self.key_id,
                    "alg": "RS256",
                    "kty": "RSA",
                    "use": "sig",
                    "n": _number(numbers.n),
                    "e": _number(numbers.e),
                }
            ]
        }

    @cached_property
    def certificates(self) -> JsonObject:
        """Write key id and X.509 certificate, as at /oauth2/v1/certs."""
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "simulator")])
        start = datetime(2020, 1, 1, tzinfo=UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=36_500))
            .sign(self.key, hashes.SHA256())
        )
        return {self.key_id: certificate.public_bytes(serialization.Encoding.PEM).decode()}


@cache
def _key_of_this_process() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _number(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8, "big"))
