"""Attempts to take more than a run may have: memory, threads, files, descriptors."""

# an attacker calls the system as directly as it can
# ruff: noqa: PERF401

import mmap
import os
import resource
import threading
from collections.abc import Mapping
from typing import Any

Context = Mapping[str, Any]


def raises_limit(name: str) -> bool:
    resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2)
    return True


def many_threads(context: Context) -> bool:
    done = threading.Event()
    try:
        for _ in range(2 * context["processes"]):
            threading.Thread(target=done.wait, daemon=True).start()
    finally:
        done.set()
    return True


def many_descriptors(_context: Context) -> bool:
    kept: list[int] = []
    try:
        for _ in range(5000):
            kept.append(os.dup(0))
    finally:
        for descriptor in kept:
            os.close(descriptor)
    return True


def other_descriptors(_context: Context) -> bool:
    """Any open descriptor but the standard ones, speech and this folder's files."""
    found: list[os.stat_result] = []
    for descriptor in range(4, 256):
        try:
            found.append(os.fstat(descriptor))
        except OSError:
            continue
    return bool(found)


def big_mapping(flags: int, size: int) -> bool:
    with mmap.mmap(-1, size, flags) as memory:
        memory[0] = 1
    return True


def big_file(context: Context) -> bool:
    descriptor = os.open(context["out"], os.O_WRONLY)
    try:
        return os.pwrite(descriptor, b"x", context["file_bytes"]) == 1
    finally:
        os.close(descriptor)
