"""Where the browser of the page tests is: Debian's, Chrome, or playwright's own.

    python -m tests.services.chromium

prints it, or nothing.
"""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "google-chrome")
OWN = "chromium-*/chrome-linux*/chrome"


def find_chromium() -> Path | None:
    """The browser, if there is one; ``ASSAY_CHROMIUM`` goes before all others."""
    named = os.environ.get("ASSAY_CHROMIUM")
    if named:
        return Path(named) if Path(named).exists() else None
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    return max(_cache().glob(OWN), default=None)


def _cache() -> Path:
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    return Path(named) if named else Path.home() / ".cache" / "ms-playwright"


if __name__ == "__main__":
    sys.stdout.write(str(find_chromium() or ""))
