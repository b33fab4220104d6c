"""The verbs of storage: files on their way in, small contents, what is kept."""

from storage.services.keeping import held_blob, store_bytes, store_file
from storage.services.uploading import (
    MAX_SIZE,
    PART_SIZE,
    VALIDITY,
    Arrived,
    abort_upload,
    begin_upload,
    complete_upload,
    put_part,
    sign_parts,
    upload_of,
)

__all__ = [
    "MAX_SIZE",
    "PART_SIZE",
    "VALIDITY",
    "Arrived",
    "abort_upload",
    "begin_upload",
    "complete_upload",
    "held_blob",
    "put_part",
    "sign_parts",
    "store_bytes",
    "store_file",
    "upload_of",
]
