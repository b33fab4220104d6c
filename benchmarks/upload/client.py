"""Our client as a program: ``up FILE`` sends it, ``down FILE SIZE SHA256`` fetches."""

import os
import sys
from pathlib import Path

from assay.client import Patience
from assay.client.downloads import Downloads
from assay.client.records import RemoteFile
from assay.client.transport import Transport
from assay.client.uploads import Uploads

PLACE = "/api/models/alice/large/files/model.bin"


def main(verb: str, path: Path, *about: str) -> None:
    """Send or fetch one file."""
    endpoint, token = os.environ["ASSAY_ENDPOINT"], os.environ["ASSAY_TOKEN"]
    transport = Transport(endpoint, token=token, patience=Patience())
    if verb == "up":
        print(Uploads(transport).send(path).sha256)
    else:
        size, sha256 = about
        file = RemoteFile(path=path.name, size=int(size), sha256=sha256)
        Downloads(transport).fetch(PLACE, file, path)
    transport.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
