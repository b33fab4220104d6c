"""Attacks from inside the jail, each of which succeeds where nothing stops it.

They stand for an attacker who runs code where the engine would, after the jail was
sealed. ``SURVIVED`` are tried one after another; each of ``LETHAL`` is one call that
should end the process.
"""

# an attacker calls the system as directly as it can
# ruff: noqa: PERF401, PTH208, S108, S605, S606

import ctypes
import json
import mmap
import os
import resource
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from assay.protocol.errors import Invalid
from evaluator.job import Job

VERSION = "battery-1"
LIBC = ctypes.CDLL(None, use_errno=True)
MIB = 1 << 20
Context: TypeAlias = Mapping[str, Any]
Attack: TypeAlias = Callable[[Context], bool]


class NoFault(Invalid):
    """What a program must name as its model's fault; the battery raises none."""


def _opens(path: str, flags: int = os.O_RDONLY) -> bool:
    os.close(os.open(path, flags))
    return True


def _connects(family: int, address: Any) -> bool:
    with socket.socket(family) as end:
        end.settimeout(2)
        end.connect(address)
        return True


def _done(call: Callable[..., object], *arguments: Any) -> bool:
    """That it comes back at all is the success."""
    call(*arguments)
    return True


def _makes_socket(*arguments: int) -> bool:
    socket.socket(*arguments).close()
    return True


def _writes(path: str) -> bool:
    wrote = Path(path).write_bytes(b"x") == 1
    Path(path).unlink()
    return wrote


def _call(number: int, *arguments: Any) -> bool:
    ctypes.set_errno(0)
    return int(LIBC.syscall(number, *arguments)) >= 0


def _starts(*command: str) -> bool:
    child = os.fork()
    if child == 0:
        try:
            os.execv(command[0], command)
        finally:
            os._exit(77)
    return os.waitpid(child, 0)[1] == 0


def _raises_limit(name: str) -> bool:
    resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2)
    return True


def _many_threads(context: Context) -> bool:
    done = threading.Event()
    try:
        for _ in range(2 * context["processes"]):
            threading.Thread(target=done.wait, daemon=True).start()
    finally:
        done.set()
    return True


def _many_descriptors(_context: Context) -> bool:
    kept: list[int] = []
    try:
        for _ in range(5000):
            kept.append(os.dup(0))
    finally:
        for descriptor in kept:
            os.close(descriptor)
    return True


def _other_descriptors(_context: Context) -> bool:
    """Any open descriptor but the standard ones, speech and this folder's files."""
    found: list[os.stat_result] = []
    for descriptor in range(4, 256):
        try:
            found.append(os.fstat(descriptor))
        except OSError:
            continue
    return bool(found)


def _big_mapping(flags: int, size: int) -> bool:
    with mmap.mmap(-1, size, flags) as memory:
        memory[0] = 1
    return True


def _big_file(context: Context) -> bool:
    descriptor = os.open(context["out"], os.O_WRONLY)
    try:
        return os.pwrite(descriptor, b"x", context["file_bytes"]) == 1
    finally:
        os.close(descriptor)


def _executes_anonymous_file(_context: Context) -> bool:
    descriptor = os.memfd_create("x")
    os.write(descriptor, Path(sys.executable).read_bytes())
    return True


def _kills(pid: int) -> bool:
    os.kill(pid, 0)
    return True


def _ioctl(number: int) -> bool:
    return int(LIBC.ioctl(0, number, b"x")) == 0


SURVIVED: Mapping[str, Attack] = {
    "tcp": lambda c: _connects(socket.AF_INET, ("127.0.0.1", c["port"])),
    "unix_abstract": lambda c: _connects(socket.AF_UNIX, "\0" + c["abstract"]),
    "unix_path": lambda c: _connects(socket.AF_UNIX, c["socket"]),
    "socketpair": lambda _: bool(socket.socketpair()),
    "packet_socket": lambda _: _makes_socket(17, 3, 0),
    "netlink_socket": lambda _: _makes_socket(16, 3, 0),
    "crypto_socket": lambda _: _makes_socket(38, 5, 0),
    "vsock_socket": lambda _: _makes_socket(40, 1, 0),
    "users_file": lambda _: _opens("/etc/passwd"),
    "shadow_file": lambda _: _opens("/etc/shadow"),
    "labels_file": lambda c: _opens(c["labels"]),
    "host_folder": lambda c: bool(os.listdir(c["folder"])),
    "neighbour_of_inputs": lambda c: _opens(str(Path(c["inputs"]).with_name("labels"))),
    "own_environment": lambda c: any(c["secret"] in v for v in os.environ.values()),
    "environment_of_parent": lambda c: _opens(f"/proc/{c['pid']}/environ"),
    "environment_of_first": lambda _: _opens("/proc/1/environ"),
    "memory_of_parent": lambda c: _opens(f"/proc/{c['pid']}/mem"),
    "own_memory_file": lambda _: _opens("/proc/self/mem", os.O_RDWR),
    "signal_to_host": lambda c: _kills(c["pid"]),
    "signal_to_first": lambda _: _kills(1),
    "other_descriptors": _other_descriptors,
    "fork": lambda _: _starts("/bin/true"),
    "exec": lambda _: _call(59, sys.executable.encode(), None, None),
    "shell": lambda _: os.system("true") == 0,
    "anonymous_executable": _executes_anonymous_file,
    "threads": _many_threads,
    "descriptors": _many_descriptors,
    "private_memory": lambda c: _big_mapping(0x22, 2 * c["memory"]),
    "shared_memory": lambda _: _big_mapping(0x21, 64 * MIB),
    "shared_validated_memory": lambda _: _big_mapping(0x23, 64 * MIB),
    "address_space": lambda _: _big_mapping(0x4022, 100 << 30),
    "file_size": _big_file,
    "write_in_root": lambda _: _writes("/made"),
    "write_in_tmp": lambda _: _writes("/tmp/made"),
    "write_in_model": lambda _: _writes("/jail/model/made"),
    "write_model": lambda _: _writes("/jail/model/config.json"),
    "write_inputs": lambda _: _writes("/jail/inputs.jsonl"),
    "write_spec": lambda _: _writes("/jail/spec.json"),
    "write_code": lambda _: _writes("/jail/code/evaluator/made.py"),
    "write_packages": lambda _: _writes(
        next(p for p in sys.path if "-packages" in p) + "/m"
    ),
    "write_device": lambda _: _writes("/dev/made"),
    "write_host": lambda c: _writes(c["folder"] + "/made"),
    "folder": lambda _: _done(os.mkdir, "/jail/made"),
    "symlink": lambda c: _done(os.symlink, c["labels"], "/jail/link"),
    "replace_outputs": lambda c: _done(os.rename, "/jail/spec.json", c["out"]),
    "remove_outputs": lambda c: _done(os.unlink, c["out"]),
    "hard_link": lambda _: _done(os.link, "/jail/inputs.jsonl", "/jail/link"),
    "change_mode": lambda c: _done(os.chmod, c["out"], 0o4777),
    "kernel_memory": lambda _: _opens("/dev/mem"),
    "virtual_machine": lambda _: _opens("/dev/kvm"),
    "kernel_log": lambda _: _opens("/dev/kmsg"),
    "core_pattern": lambda _: _opens("/proc/sys/kernel/core_pattern", os.O_WRONLY),
    "cgroup_files": lambda _: bool(os.listdir("/sys/fs/cgroup")),
    "machine_id": lambda _: _opens("/etc/machine-id"),
    "mounts": lambda _: _opens("/proc/mounts"),
    "limit_address_space": lambda _: _raises_limit("RLIMIT_AS"),
    "limit_data": lambda _: _raises_limit("RLIMIT_DATA"),
    "limit_cpu": lambda _: _raises_limit("RLIMIT_CPU"),
    "limit_core": lambda _: _raises_limit("RLIMIT_CORE"),
    "limit_processes": lambda _: _raises_limit("RLIMIT_NPROC"),
    "become_root": lambda _: _done(os.setuid, 0),
    "groups": lambda _: _done(os.setgroups, [0]),
    "session": lambda _: _done(
        os.setsid,
    ),
    "clone_user_namespace": lambda _: _call(56, 0x10000011, 0, 0, 0, 0),
    "clone3": lambda _: _call(435, struct.pack("<11Q", *[0] * 4, 17, *[0] * 6), 88),
    "terminal_input": lambda _: _ioctl(0x5412),
    "message_queue": lambda _: _call(240, b"q", 0o102, 0o600, None),
    "shared_segment": lambda _: _call(29, 0, 4096, 0o1600),
    "pidfd": lambda _: _call(434, os.getpid(), 0),
    "new_filter": lambda _: _call(317, 1, 0, None),
    "dumpable": lambda _: int(LIBC.prctl(4, 1, 0, 0, 0)) == 0,
    "unreviewed_call": lambda _: _call(462, 0, 0, 0),
}

LETHAL: Mapping[str, Attack] = {
    "ptrace": lambda _: _call(101, 0, 0, 0, 0),
    "read_other_memory": lambda c: _call(310, c["pid"], None, 0, None, 0, 0),
    "unshare": lambda _: _call(272, 0x10000000),
    "setns": lambda _: _call(308, 0, 0),
    "mount": lambda _: _call(165, b"t", b"/jail", b"tmpfs", 0, None),
    "chroot": lambda _: _call(161, b"/jail"),
    "io_uring": lambda _: _call(425, 4, ctypes.create_string_buffer(120)),
    "bpf": lambda _: _call(321, 0, struct.pack("<5I", 1, 4, 4, 1, 0) + bytes(60), 80),
    "perf": lambda _: _call(
        298, struct.pack("<IIQ", 1, 112, 0) + bytes(96), 0, -1, -1, 0
    ),
    "userfaultfd": lambda _: _call(323, 1),
    "keyring": lambda _: _call(250, 0, -4, 0),
    "open_by_handle": lambda _: _call(304, -100, bytes(16), 0),
    "device_node": lambda _: _call(133, b"/jail/blk", 0o60600, os.makedev(254, 0)),
    "x32_call": lambda _: _call(0x40000000 + 39),
    "i386_call": lambda _: _machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"),
}


def _machine_code(code: bytes) -> bool:
    """mov eax, 20 (getpid of i386); int 0x80; ret."""
    page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | 0x20, prot=7)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return int(ctypes.CFUNCTYPE(ctypes.c_int)(address)()) > 0


def battery(job: Job, out: Path, _progress: object) -> None:
    """One row for each attack: 1 where it reached what it aimed at."""
    context = {**job.options, "out": str(out)}
    rows = [(name, attempt(attack, context)) for name, attack in SURVIVED.items()]
    _write(out, rows)


def lethal(job: Job, out: Path, _progress: object) -> None:
    """One call that no model needs; a row only when the process lives on."""
    reached = LETHAL[job.options["attack"]](job.options)
    _write(out, [("survived", float(reached))])


def attempt(attack: Attack, context: Context) -> float:
    """1 when the attack reached what it aimed at, else 0."""
    try:
        return float(bool(attack(context)))
    except (OSError, ValueError, RuntimeError, MemoryError, StopIteration):
        return 0.0


def _write(out: Path, rows: list[tuple[str, float]]) -> None:
    lines = [json.dumps({"id": name, "scores": [value.hex()]}) for name, value in rows]
    out.write_text("\n".join(lines) + "\n")
