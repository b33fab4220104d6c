"""Attacks from inside the jail, each of which succeeds where nothing stops it.

They stand for an attacker who runs code where the engine would, after the jail was
sealed. ``SURVIVED`` are tried one after another; each of ``LETHAL`` is one call that
should end the process.
"""

# an attacker calls the system as directly as it can
# ruff: noqa: PTH208, S108, S605

import ctypes
import json
import os
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from assay.protocol.errors import Invalid
from evaluator.jail import attempts, excesses
from evaluator.job import Job

VERSION = "battery-1"
MIB = 1 << 20
Context: TypeAlias = Mapping[str, Any]
Attack: TypeAlias = Callable[[Context], bool]


class NoFault(Invalid):
    """What a program must name as its model's fault; the battery raises none."""


SURVIVED: Mapping[str, Attack] = {
    "tcp": lambda c: attempts.connects(socket.AF_INET, ("127.0.0.1", c["port"])),
    "unix_abstract": lambda c: attempts.connects(socket.AF_UNIX, "\0" + c["abstract"]),
    "unix_path": lambda c: attempts.connects(socket.AF_UNIX, c["socket"]),
    "socketpair": lambda _: bool(socket.socketpair()),
    "packet_socket": lambda _: attempts.makes_socket(17, 3, 0),
    "netlink_socket": lambda _: attempts.makes_socket(16, 3, 0),
    "crypto_socket": lambda _: attempts.makes_socket(38, 5, 0),
    "vsock_socket": lambda _: attempts.makes_socket(40, 1, 0),
    "users_file": lambda _: attempts.opens("/etc/passwd"),
    "shadow_file": lambda _: attempts.opens("/etc/shadow"),
    "labels_file": lambda c: attempts.opens(c["labels"]),
    "host_folder": lambda c: bool(os.listdir(c["folder"])),
    "neighbour_of_inputs": lambda c: attempts.opens(
        str(Path(c["inputs"]).with_name("labels"))
    ),
    "own_environment": lambda c: any(c["secret"] in v for v in os.environ.values()),
    "environment_of_parent": lambda c: attempts.opens(f"/proc/{c['pid']}/environ"),
    "environment_of_first": lambda _: attempts.opens("/proc/1/environ"),
    "memory_of_parent": lambda c: attempts.opens(f"/proc/{c['pid']}/mem"),
    "own_memory_file": lambda _: attempts.opens("/proc/self/mem", os.O_RDWR),
    "signal_to_host": lambda c: attempts.kills(c["pid"]),
    "signal_to_first": lambda _: attempts.kills(1),
    "other_descriptors": excesses.other_descriptors,
    "fork": lambda _: attempts.starts("/bin/true"),
    "exec": lambda _: attempts.call(59, sys.executable.encode(), None, None),
    "shell": lambda _: os.system("true") == 0,
    "anonymous_executable": attempts.executes_anonymous_file,
    "threads": excesses.many_threads,
    "descriptors": excesses.many_descriptors,
    "private_memory": lambda c: excesses.big_mapping(0x22, 2 * c["memory"]),
    "shared_memory": lambda _: excesses.big_mapping(0x21, 64 * MIB),
    "shared_validated_memory": lambda _: excesses.big_mapping(0x23, 64 * MIB),
    "address_space": lambda _: excesses.big_mapping(0x4022, 100 << 30),
    "file_size": excesses.big_file,
    "write_in_root": lambda _: attempts.writes("/made"),
    "write_in_tmp": lambda _: attempts.writes("/tmp/made"),
    "write_in_model": lambda _: attempts.writes("/jail/model/made"),
    "write_model": lambda _: attempts.writes("/jail/model/config.json"),
    "write_inputs": lambda _: attempts.writes("/jail/inputs.jsonl"),
    "write_spec": lambda _: attempts.writes("/jail/spec.json"),
    "write_code": lambda _: attempts.writes("/jail/code/evaluator/made.py"),
    "write_packages": lambda _: attempts.writes(
        next(p for p in sys.path if "-packages" in p) + "/m"
    ),
    "write_device": lambda _: attempts.writes("/dev/made"),
    "write_host": lambda c: attempts.writes(c["folder"] + "/made"),
    "folder": lambda _: attempts.done(os.mkdir, "/jail/made"),
    "symlink": lambda c: attempts.done(os.symlink, c["labels"], "/jail/link"),
    "replace_outputs": lambda c: attempts.done(os.rename, "/jail/spec.json", c["out"]),
    "remove_outputs": lambda c: attempts.done(os.unlink, c["out"]),
    "hard_link": lambda _: attempts.done(os.link, "/jail/inputs.jsonl", "/jail/link"),
    "change_mode": lambda c: attempts.done(os.chmod, c["out"], 0o4777),
    "kernel_memory": lambda _: attempts.opens("/dev/mem"),
    "virtual_machine": lambda _: attempts.opens("/dev/kvm"),
    "kernel_log": lambda _: attempts.opens("/dev/kmsg"),
    "core_pattern": lambda _: attempts.opens(
        "/proc/sys/kernel/core_pattern", os.O_WRONLY
    ),
    "cgroup_files": lambda _: bool(os.listdir("/sys/fs/cgroup")),
    "machine_id": lambda _: attempts.opens("/etc/machine-id"),
    "mounts": lambda _: attempts.opens("/proc/mounts"),
    "limit_address_space": lambda _: excesses.raises_limit("RLIMIT_AS"),
    "limit_data": lambda _: excesses.raises_limit("RLIMIT_DATA"),
    "limit_cpu": lambda _: excesses.raises_limit("RLIMIT_CPU"),
    "limit_core": lambda _: excesses.raises_limit("RLIMIT_CORE"),
    "limit_processes": lambda _: excesses.raises_limit("RLIMIT_NPROC"),
    "become_root": lambda _: attempts.done(os.setuid, 0),
    "groups": lambda _: attempts.done(os.setgroups, [0]),
    "session": lambda _: attempts.done(
        os.setsid,
    ),
    "clone_user_namespace": lambda _: attempts.call(56, 0x10000011, 0, 0, 0, 0),
    "clone3": lambda _: attempts.call(
        435, struct.pack("<11Q", *[0] * 4, 17, *[0] * 6), 88
    ),
    "terminal_input": lambda _: attempts.ioctl(0x5412),
    "message_queue": lambda _: attempts.call(240, b"q", 0o102, 0o600, None),
    "shared_segment": lambda _: attempts.call(29, 0, 4096, 0o1600),
    "pidfd": lambda _: attempts.call(434, os.getpid(), 0),
    "new_filter": lambda _: attempts.call(317, 1, 0, None),
    "dumpable": lambda _: int(attempts.LIBC.prctl(4, 1, 0, 0, 0)) == 0,
    "unreviewed_call": lambda _: attempts.call(462, 0, 0, 0),
}

LETHAL: Mapping[str, Attack] = {
    "ptrace": lambda _: attempts.call(101, 0, 0, 0, 0),
    "read_other_memory": lambda c: attempts.call(310, c["pid"], None, 0, None, 0, 0),
    "unshare": lambda _: attempts.call(272, 0x10000000),
    "setns": lambda _: attempts.call(308, 0, 0),
    "mount": lambda _: attempts.call(165, b"t", b"/jail", b"tmpfs", 0, None),
    "chroot": lambda _: attempts.call(161, b"/jail"),
    "io_uring": lambda _: attempts.call(425, 4, ctypes.create_string_buffer(120)),
    "bpf": lambda _: attempts.call(
        321, 0, struct.pack("<5I", 1, 4, 4, 1, 0) + bytes(60), 80
    ),
    "perf": lambda _: attempts.call(
        298, struct.pack("<IIQ", 1, 112, 0) + bytes(96), 0, -1, -1, 0
    ),
    "userfaultfd": lambda _: attempts.call(323, 1),
    "keyring": lambda _: attempts.call(250, 0, -4, 0),
    "open_by_handle": lambda _: attempts.call(304, -100, bytes(16), 0),
    "device_node": lambda _: attempts.call(
        133, b"/jail/blk", 0o60600, os.makedev(254, 0)
    ),
    "x32_call": lambda _: attempts.call(0x40000000 + 39),
    "i386_call": lambda _: attempts.machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"),
}


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
