"""The jailed process: import what is trusted, seal itself, then run the model.

Until ``sealed`` is said only our code and installed libraries have run, so whatever
goes wrong before it is the platform's fault; after it nothing that is said is trusted.
"""

import importlib
import json
import os
import platform
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.protocol.errors import Refusal
from evaluator.jail import landlock, rlimits, seccomp, walls
from evaluator.jail.channel import Channel
from evaluator.jail.errors import JailBrokenError
from evaluator.jail.view import OUTPUTS, SPEC
from evaluator.job import Job

GAVE_UP = 3
_OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "bad_alloc")


def main() -> None:
    """Run the job that the spec describes; never returns."""
    channel = Channel(os.dup(1))
    os.dup2(2, 1)  # what libraries print is noise, not speech
    spec = json.loads(SPEC.read_text("utf-8"))
    try:
        run, fault = _seal(spec, channel)
    except JailBrokenError as broken:
        _give_up(channel, "platform", broken.code, broken.sentence)
    except (Exception, SystemExit) as error:  # noqa: BLE001
        sentence = f"The jailed process cannot get ready: {_described(error)}"
        _give_up(channel, "platform", "jail_broken", sentence)
    _run(Job.from_document(spec["job"]), run, fault, channel)
    os._exit(0)  # the end of an interpreter runs much that the filter forbids


def _seal(spec: Mapping[str, Any], channel: Channel) -> tuple[Any, type[Exception]]:
    """Everything up to the model; returns what to call and what it raises."""
    walls.check_surroundings(spec["before"], spec["root"], channel.descriptor)
    readable = [Path(path) for path in spec["readable"]]
    # Landlock binds only threads made after it, and torch makes threads
    abi = landlock.restrict(readable=readable, writable=[OUTPUTS, Path("/dev/null")])
    # a search for a folder that can be written would fail: there is none
    tempfile.tempdir = "/"
    for name in spec["preload"]:
        importlib.import_module(name)
    run, fault, version = (_attribute(spec[name]) for name in _NAMES)
    rlimits.seal(spec["sealing"])
    seccomp.install(seccomp.inner_filter(platform.machine()))
    walls.check_sealed({**spec["before"], **spec["sealing"]})
    channel.say("sealed", {"version": version, "landlock": abi})
    return run, fault


_NAMES = ("run", "fault", "version")


def _attribute(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _run(job: Job, run: Any, fault: type[Exception], channel: Channel) -> None:
    try:
        run(job, OUTPUTS, channel.progress)
    except MemoryError:
        _give_up(channel, "model", "memory_limit", "")
    except Refusal as refusal:
        by = "model" if isinstance(refusal, fault) else "platform"
        _give_up(channel, by, refusal.code, str(refusal))
    except (Exception, SystemExit) as error:  # noqa: BLE001
        ran_out = any(words in str(error) for words in _OUT_OF_MEMORY)
        code = "memory_limit" if ran_out else "crashed"
        _give_up(channel, "model", code, _described(error))


def _described(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"


def _give_up(channel: Channel, by: str, code: str, sentence: str) -> None:
    channel.say("fault", {"by": by, "code": code, "sentence": sentence})
    os._exit(GAVE_UP)
