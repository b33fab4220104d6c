"""The verbs of storage: files on their way in, small contents, what is kept."""

from storage.services.keeping import held_blob, store_bytes, store_file
from storage.services.sharing import Copy, block_map, may_copy, own_sources
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
    "Copy",
    "abort_upload",
    "begin_upload",
    "block_map",
    "complete_upload",
    "held_blob",
    "may_copy",
    "own_sources",
    "put_part",
    "sign_parts",
    "store_bytes",
    "store_file",
    "upload_of",
]
