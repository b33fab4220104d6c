"""What is left when all has ended; a program of its own that prints JSON.

Everything is collected as if years had passed, so that whatever still lies there
afterwards without being needed is an orphan.
"""

import json
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.conf import settings

from common.clock import now
from storage import stores
from storage.models import Blob, Upload
from storage.services.collecting import collect_garbage

YEARS = timedelta(days=1000)


def main() -> None:
    """Collect twice and tell what is left."""
    root = Path(settings.STORAGE_PATH)
    open_uploads = Upload.objects.filter(status="open").count()
    collect_garbage(now=now() + YEARS)
    collect_garbage(now=now() + 2 * YEARS)
    left = [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]
    stored = {stored.name for stored in stores.current().blobs()}
    figures = {
        "abandoned": open_uploads,
        "open_uploads": Upload.objects.filter(status="open").count(),
        "rows": Blob.objects.count(),
        "files_left": left,
        "files_without_rows": sorted(
            stored - set(Blob.objects.values_list("pk", flat=True))
        ),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
