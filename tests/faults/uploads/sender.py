"""A client in a process of its own: ``python -m tests.faults.uploads.sender FILE``."""

import json
import os
import sys
from pathlib import Path

from assay.client import Client, Patience
from assay.protocol.errors import Refusal


def main(path: Path) -> int:
    """Send the file and say what came of it, as JSON."""
    patience = Patience(pauses=(0.1, 0.2, 0.3, 0.5, 1.0))
    endpoint, token = os.environ["ASSAY_ENDPOINT"], os.environ["ASSAY_TOKEN"]
    with Client(endpoint, token=token, patience=patience) as client:
        try:
            held = client.uploads.send(path)
        except Refusal as refusal:
            said = {"code": refusal.code, "says": refusal.sentence, "fix": refusal.fix}
            print(json.dumps(said))
            return 1
    print(json.dumps({"sha256": held.sha256, "size": held.size, "sent": held.sent}))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
