"""Starter kits by task type: a folder of files each, ``train.py`` among them.

They are written out for a miner by ``assay init`` and never imported here: what they
import (torch, transformers, peft, datasets) is the miner's own. To add a kit, add a
folder with the task type's name.
"""

from importlib import resources

README = """\
# {title}

From nothing to a ranked submission:

```sh
{commands}
```

`train.py` is a baseline that runs on a laptop in minutes, and on a GPU when there is
one: start there, then do better. `python train.py --help` lists what can be turned.

`terms.toml` says what others may do with your model and what you get for it; `assay
terms explain terms.toml` reads it back in plain words. `task.json` holds the task's
type, metric and options.
"""
TERMS = """\
# UDL v0.2 tags: what others may do with your model, and what you get for it.
License = "dE0rmDfl9_OWjkDznNEXHaSO_JohJkRolvMzaCroUdw"
Commercial-Use = "Allowed-With-Fee-One-Time-25"
Derivation = "Allowed-With-RevenueShare-10%"
Currency = "{asset}"
"""


def names() -> list[str]:
    """The task types that have a kit."""
    found = (one.name for one in resources.files(__name__).iterdir() if one.is_dir())
    return sorted(name for name in found if not name.startswith("_"))


def files_of(task_type: str) -> dict[str, bytes]:
    """The files of a task type's kit by name; none when there is no kit for it."""
    if task_type not in names():
        return {}
    folder = resources.files(__name__) / task_type
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}
