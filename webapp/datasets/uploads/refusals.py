"""Why an upload is not gone on with: a status, a short stable code, a sentence."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from webapp.core.words import bytes_size
from webapp.datasets.models import Upload

CHECKSUM_MISMATCH = 460  # of the protocol


class Refused(Exception):
    """An answer that is no success, with the headers that tell a program how to go on."""

    def __init__(self, status: int, code: str, message: str, **headers: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message = int(status), code, message
        self.headers = {name.replace("_", "-"): str(value) for name, value in headers.items()}


def expired(upload: Upload) -> Refused:
    return Refused(HTTPStatus.GONE, "expired", f"The upload of {upload.archive_name} waited too long and is removed. Begin it again.")


def gone(upload: Upload) -> Refused:
    return Refused(HTTPStatus.GONE, "gone", f"The upload of {upload.archive_name} was discarded. Begin it again.")


def busy(upload: Upload) -> Refused:
    words = f"Another connection is just sending {upload.archive_name}. Wait until it ends; then ask how much is here, and go on."
    return Refused(HTTPStatus.LOCKED, "busy", words, Retry_After=1)


def elsewhere(upload: Upload, here: int, came: int) -> Refused:
    words = f"{here:,} bytes of {upload.archive_name} are here; a part that begins at byte {came:,} came. Send on from byte {here:,}."
    return Refused(HTTPStatus.CONFLICT, "wrong_offset", words, Upload_Offset=here)


def whole(upload: Upload) -> Refused:
    """It has all its bytes; what was made of it stands in the headers."""
    what, made = ("classification", {"Synset_Made": upload.made}) if upload.made else ("dataset", {"Synset_Dataset": upload.dataset_id})
    words = f"{upload.archive_name} is here as a whole, and its {what} was made. Nothing more is to be sent."
    return Refused(HTTPStatus.CONFLICT, "whole", words, Upload_Offset=upload.length, **made)


def too_long(upload: Upload) -> Refused:
    words = f"More came than the {upload.length:,} bytes that were announced for {upload.archive_name}. What went beyond was not kept."
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_long", words)


def disk_full(upload: Upload) -> Refused:
    told = upload.offset
    words = (
        f"The server's disk is full. {bytes_size(told)} of {upload.archive_name} are safe there; "
        f"free {bytes_size(upload.length - told)} or more on it, then go on with the upload."
    )
    return Refused(HTTPStatus.INSUFFICIENT_STORAGE, "storage_full", words, Upload_Offset=told)


def wrong_checksum(upload: Upload, told: int) -> Refused:
    words = f"A part of {upload.archive_name} was changed on its way: its checksum does not fit. Send it again from byte {told:,}."
    return Refused(CHECKSUM_MISMATCH, "wrong_checksum", words, Upload_Offset=told)


def silent(upload: Upload, told: int) -> Refused:
    words = f"Nothing came for too long. {bytes_size(told)} of {upload.archive_name} are here; go on from byte {told:,}."
    return Refused(HTTPStatus.REQUEST_TIMEOUT, "silent", words, Upload_Offset=told)
