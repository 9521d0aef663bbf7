"""A passkey of software: what a browser and a device send, without either."""

import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN = "http://localhost:8000"
PRESENT_VERIFIED, WITH_KEY = 0x05, 0x40


def at_localhost(settings):
    """As a portal whose SITE_URL is ORIGIN."""
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]


class Device:
    """Holds one key; `origin` is what its browser says it is looking at."""

    def __init__(self, name=b"a key of software", origin=ORIGIN, rp="localhost"):
        self.name, self.origin, self.rp = name, origin, sha256(rp.encode())
        self.key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options):
        """What is posted to add it, given the page's options."""
        public = ES256.from_cryptography_key(self.key.public_key())
        held = AttestedCredentialData.create(Aaguid.NONE, self.name, public)
        flags = PRESENT_VERIFIED | WITH_KEY
        data = AuthenticatorData.create(self.rp, flags, 0, held)
        made = AttestationObject.create("none", data, {})
        said = self._said("webauthn.create", options)
        return self._sent(clientDataJSON=said, attestationObject=made)

    def answer(self, options):
        """What is posted to sign in, given the page's options."""
        said = self._said("webauthn.get", options)
        data = AuthenticatorData.create(self.rp, PRESENT_VERIFIED, 1)
        signature = self.key.sign(data + said.hash, ec.ECDSA(hashes.SHA256()))
        return self._sent(
            clientDataJSON=said, authenticatorData=data, signature=signature
        )

    def _said(self, kind, options):
        challenge = websafe_decode(options["publicKey"]["challenge"])
        return CollectedClientData.create(kind, challenge, self.origin)

    def _sent(self, **response):
        name = websafe_encode(self.name)
        parts = {part: websafe_encode(value) for part, value in response.items()}
        sent = {"id": name, "rawId": name, "type": "public-key", "response": parts}
        return json.dumps(sent)
