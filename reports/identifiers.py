"""Names of a report: the public identifier and the receipt.

A public identifier is ten characters of Crockford's base 32 (50 bits), shown in two halves. A
receipt is 24 of them (120 bits); only its digest is stored.
"""

import hashlib
import hmac
import re
import secrets
import uuid

from django.conf import settings

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
PUBLIC_ID_LENGTH = 10
RECEIPT_LENGTH = 24
PHOTO_KEY_LENGTH = 26
FOLLOWER_KEY = re.compile(r"[0-9a-f]{32}")
_LOOK_ALIKES = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None, "\0": None})


def _encode(random_bytes: bytes, length: int) -> str:
    return "".join(ALPHABET[byte % 32] for byte in random_bytes[:length])


def new_public_id() -> str:
    """Return a random public identifier."""
    return _encode(secrets.token_bytes(PUBLIC_ID_LENGTH), PUBLIC_ID_LENGTH)


def new_receipt(client_uuid: uuid.UUID | None) -> str:
    """Return a receipt: random, or for a client's UUID always the same one.

    Deriving it from the UUID and the site's secret lets a repeated submission return its first
    answer although no receipt is stored.
    """
    if client_uuid is None:
        return _encode(secrets.token_bytes(RECEIPT_LENGTH), RECEIPT_LENGTH)
    key = f"receipt:{settings.SECRET_KEY}".encode()
    return _encode(hmac.digest(key, client_uuid.bytes, "sha256"), RECEIPT_LENGTH)


def follow_token(follower: uuid.UUID) -> str:
    """Return the token of a follower's key: it confirms and ends the mails and is never stored."""
    key = f"follow:{settings.SECRET_KEY}".encode()
    seal = _encode(hmac.digest(key, follower.bytes, "sha256"), RECEIPT_LENGTH)
    return f"{follower.hex}-{seal}"


def follower_of(token: str) -> uuid.UUID | None:
    """Return the key of whose token this is; None when we never gave it."""
    name, _, _ = token.partition("-")
    if not FOLLOWER_KEY.fullmatch(name):
        return None
    follower = uuid.UUID(name)
    known = follow_token(follower)
    return follower if hmac.compare_digest(known.encode(), token.encode()) else None


def new_device() -> str:
    """Return a random name for a device that says something of a report: 120 bits."""
    return _encode(secrets.token_bytes(RECEIPT_LENGTH), RECEIPT_LENGTH)


def device_digest(device: str, report_id: int) -> bytes:
    """Return what is stored of a device: another digest for each report.

    So that nobody who reads the table learns which reports one person spoke of.
    """
    key = f"device:{settings.SECRET_KEY}".encode()
    return hmac.digest(key, f"{report_id}:{device}".encode(), "sha256")


def new_photo_key() -> str:
    """Return a random key of a photo: 130 bits, a secret of its sender until it is shown."""
    return _encode(secrets.token_bytes(PHOTO_KEY_LENGTH), PHOTO_KEY_LENGTH)


def receipt_digest(receipt: str) -> bytes:
    """Return what is stored of a receipt."""
    return hashlib.sha256(normalise(receipt).encode()).digest()


def normalise(text: str) -> str:
    """Read an identifier as people type it: any case, halves apart, O for 0, I or L for 1.

    >>> normalise("7KQ2M-X0LDR")
    '7kq2mx01dr'
    """
    return text.strip().lower().translate(_LOOK_ALIKES)


def in_halves(public_id: str) -> str:
    """Show a public identifier 5-5.

    >>> in_halves("7kq2mx01dr")
    '7KQ2M-X01DR'
    """
    half = PUBLIC_ID_LENGTH // 2
    return f"{public_id[:half]}-{public_id[half:]}".upper()
