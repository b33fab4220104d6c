"""Programs that run where the engine would, after the jail was sealed.

They stand for an attacker who runs code in the jailed process. ``battery`` tries what
can be survived; each name in ``lethal`` is one call that should end the process.
"""

# an attacker calls the system as directly as it can, and torch only where it is needed
# ruff: noqa: B007, PERF401, PLC0415
# ruff: noqa: PTH101, PTH102, PTH104, PTH108, PTH208, PTH211

import ctypes
import json
import mmap
import os
import resource
import socket
import struct
import sys
import threading
import time
from pathlib import Path

from assay.protocol.errors import Invalid

VERSION = "hostile-1"
LIBC = ctypes.CDLL(None, use_errno=True)
MIB = 1 << 20


class ModelFault(Invalid):
    """As the engine's own."""


def write_rows(out, rows):
    lines = [json.dumps({"id": i, "scores": s}) for i, s in rows]
    out.write_text("\n".join(lines) + "\n")


def opens(path, flags=os.O_RDONLY):
    os.close(os.open(path, flags))
    return True


def connects(family, address):
    with socket.socket(family) as end:
        end.settimeout(2)
        end.connect(address)
        return True


def makes_socket(*arguments):
    socket.socket(*arguments).close()
    return True


def writes(path):
    wrote = Path(path).write_bytes(b"x") == 1
    Path(path).unlink()
    return wrote


def call(number, *arguments):
    ctypes.set_errno(0)
    return LIBC.syscall(number, *arguments) >= 0


def starts(*command):
    child = os.fork()
    if child == 0:
        try:
            os.execv(command[0], command)
        finally:
            os._exit(77)
    return os.waitpid(child, 0)[1] == 0


def raises_limit(name):
    resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2)
    return True


def many_threads(context):
    done = threading.Event()
    try:
        for _ in range(2 * context["processes"]):
            threading.Thread(target=done.wait, daemon=True).start()
    finally:
        done.set()
    return True


def many_descriptors(_context):
    kept = []
    try:
        for _ in range(5000):
            kept.append(os.dup(0))
    finally:
        for descriptor in kept:
            os.close(descriptor)
    return True


def other_descriptors(_context):
    """Any open descriptor but the standard ones, speech and this folder's files."""
    found = []
    for descriptor in range(4, 256):
        try:
            found.append(os.fstat(descriptor))
        except OSError:
            continue
    return bool(found)


def big_mapping(flags, size):
    with mmap.mmap(-1, size, flags) as memory:
        memory[0] = 1
    return True


def big_file(context):
    descriptor = os.open(context["out"], os.O_WRONLY)
    try:
        return os.pwrite(descriptor, b"x", context["file_bytes"]) == 1
    finally:
        os.close(descriptor)


def executes_anonymous_file(_context):
    descriptor = os.memfd_create("x")
    os.write(descriptor, Path(sys.executable).read_bytes())
    return True


def kills(pid):
    os.kill(pid, 0)
    return True


def ioctl(number):
    return LIBC.ioctl(0, number, b"x") == 0


SURVIVED = {
    "tcp": lambda c: connects(socket.AF_INET, ("127.0.0.1", c["port"])),
    "unix_abstract": lambda c: connects(socket.AF_UNIX, "\0" + c["abstract"]),
    "unix_path": lambda c: connects(socket.AF_UNIX, c["socket"]),
    "socketpair": lambda c: bool(socket.socketpair()),
    "packet_socket": lambda c: makes_socket(17, 3, 0),
    "netlink_socket": lambda c: makes_socket(16, 3, 0),
    "crypto_socket": lambda c: makes_socket(38, 5, 0),
    "vsock_socket": lambda c: makes_socket(40, 1, 0),
    "users_file": lambda c: opens("/etc/passwd"),
    "shadow_file": lambda c: opens("/etc/shadow"),
    "labels_file": lambda c: opens(c["labels"]),
    "host_folder": lambda c: bool(os.listdir(c["folder"])),
    "neighbour_of_inputs": lambda c: opens(str(Path(c["inputs"]).with_name("labels"))),
    "own_environment": lambda c: any(c["secret"] in v for v in os.environ.values()),
    "environment_of_parent": lambda c: opens(f"/proc/{c['pid']}/environ"),
    "environment_of_first": lambda c: opens("/proc/1/environ"),
    "memory_of_parent": lambda c: opens(f"/proc/{c['pid']}/mem"),
    "own_memory_file": lambda c: opens("/proc/self/mem", os.O_RDWR),
    "signal_to_host": lambda c: kills(c["pid"]),
    "signal_to_first": lambda c: kills(1),
    "other_descriptors": other_descriptors,
    "fork": lambda c: starts("/bin/true"),
    "exec": lambda c: call(59, sys.executable.encode(), None, None),
    "shell": lambda c: os.system("true") == 0,
    "anonymous_executable": executes_anonymous_file,
    "threads": many_threads,
    "descriptors": many_descriptors,
    "private_memory": lambda c: big_mapping(0x22, 2 * c["memory"]),
    "shared_memory": lambda c: big_mapping(0x21, 64 * MIB),
    "shared_validated_memory": lambda c: big_mapping(0x23, 64 * MIB),
    "address_space": lambda c: big_mapping(0x4022, 100 << 30),
    "file_size": big_file,
    "write_in_root": lambda c: writes("/made"),
    "write_in_tmp": lambda c: writes("/tmp/made"),
    "write_in_model": lambda c: writes("/jail/model/made"),
    "write_model": lambda c: writes("/jail/model/config.json"),
    "write_inputs": lambda c: writes("/jail/inputs.jsonl"),
    "write_spec": lambda c: writes("/jail/spec.json"),
    "write_code": lambda c: writes("/jail/code/evaluator/made.py"),
    "write_packages": lambda c: writes(
        next(p for p in sys.path if "-packages" in p) + "/m"
    ),
    "write_device": lambda c: writes("/dev/made"),
    "write_host": lambda c: writes(c["folder"] + "/made"),
    "folder": lambda c: os.mkdir("/jail/made") is None,
    "symlink": lambda c: os.symlink(c["labels"], "/jail/link") is None,
    "replace_outputs": lambda c: os.rename("/jail/spec.json", c["out"]) is None,
    "remove_outputs": lambda c: os.unlink(c["out"]) is None,
    "hard_link": lambda c: os.link("/jail/inputs.jsonl", "/jail/link") is None,
    "change_mode": lambda c: os.chmod(c["out"], 0o4777) is None,
    "kernel_memory": lambda c: opens("/dev/mem"),
    "virtual_machine": lambda c: opens("/dev/kvm"),
    "kernel_log": lambda c: opens("/dev/kmsg"),
    "core_pattern": lambda c: opens("/proc/sys/kernel/core_pattern", os.O_WRONLY),
    "cgroup_files": lambda c: bool(os.listdir("/sys/fs/cgroup")),
    "machine_id": lambda c: opens("/etc/machine-id"),
    "mounts": lambda c: opens("/proc/mounts"),
    "limit_address_space": lambda c: raises_limit("RLIMIT_AS"),
    "limit_data": lambda c: raises_limit("RLIMIT_DATA"),
    "limit_cpu": lambda c: raises_limit("RLIMIT_CPU"),
    "limit_core": lambda c: raises_limit("RLIMIT_CORE"),
    "limit_processes": lambda c: raises_limit("RLIMIT_NPROC"),
    "become_root": lambda c: os.setuid(0) is None,
    "groups": lambda c: os.setgroups([0]) is None,
    "session": lambda c: os.setsid() is None,
    "clone_user_namespace": lambda c: call(56, 0x10000011, 0, 0, 0, 0),
    "clone3": lambda c: call(435, struct.pack("<11Q", *[0] * 4, 17, *[0] * 6), 88),
    "terminal_input": lambda c: ioctl(0x5412),
    "message_queue": lambda c: call(240, b"q", 0o102, 0o600, None),
    "shared_segment": lambda c: call(29, 0, 4096, 0o1600),
    "pidfd": lambda c: call(434, os.getpid(), 0),
    "new_filter": lambda c: call(317, 1, 0, None),
    "dumpable": lambda c: LIBC.prctl(4, 1, 0, 0, 0) == 0,
    "unreviewed_call": lambda c: call(462, 0, 0, 0),
}

LETHAL = {
    "ptrace": lambda c: call(101, 0, 0, 0, 0),
    "read_other_memory": lambda c: call(310, c["pid"], None, 0, None, 0, 0),
    "unshare": lambda c: call(272, 0x10000000),
    "setns": lambda c: call(308, 0, 0),
    "mount": lambda c: call(165, b"t", b"/jail", b"tmpfs", 0, None),
    "chroot": lambda c: call(161, b"/jail"),
    "io_uring": lambda c: call(425, 4, ctypes.create_string_buffer(120)),
    "bpf": lambda c: call(321, 0, struct.pack("<5I", 1, 4, 4, 1, 0) + bytes(60), 80),
    "perf": lambda c: call(
        298, struct.pack("<IIQ", 1, 112, 0) + bytes(96), 0, -1, -1, 0
    ),
    "userfaultfd": lambda c: call(323, 1),
    "keyring": lambda c: call(250, 0, -4, 0),
    "open_by_handle": lambda c: call(304, -100, bytes(16), 0),
    "device_node": lambda c: call(133, b"/jail/blk", 0o60600, os.makedev(254, 0)),
    "x32_call": lambda c: call(0x40000000 + 39),
    "i386_call": lambda c: _machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"),
}


def _machine_code(code):
    """mov eax, 20 (getpid of i386); int 0x80; ret."""
    page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | 0x20, prot=7)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0


def battery(job, out, _progress):
    """One row for each attack: 1 where it reached what it aimed at."""
    context = {**job.options, "out": str(out)}
    rows = [(name, attempt(attack, context)) for name, attack in SURVIVED.items()]
    write_rows(out, rows)


def attempt(attack, context):
    try:
        return [float(bool(attack(context))).hex()]
    except (OSError, ValueError, RuntimeError, MemoryError, StopIteration):
        return [(0.0).hex()]


def lethal(job, out, _progress):
    LETHAL[job.options["attack"]](job.options)
    write_rows(out, [("survived", ["0x1p+0"])])


def honest(job, out, progress):
    rows = [json.loads(line) for line in job.inputs.read_text().splitlines()]
    for number, row in enumerate(rows, 1):
        progress(number, len(rows))
    write_rows(out, [(row["id"], ["-0x1p-1", "-0x1p+0"]) for row in rows])


def sleep(_job, _out, progress):
    progress(1, 9)
    while True:
        time.sleep(60)


def burn(_job, _out, _progress):
    while True:
        pass


def flood(_job, _out, _progress):
    while True:
        os.write(3, b"z" * 65536)


def flood_errors(_job, _out, _progress):
    while True:
        os.write(2, b"z" * 65536)


def eat_memory(_job, _out, _progress):
    kept = []
    while True:
        kept.append(b"x" * (16 * MIB))


def crash(_job, _out, _progress):
    ctypes.string_at(8)


def leave(_job, _out, _progress):
    os._exit(9)


def blame_model(_job, _out, _progress):
    raise ModelFault("weights_missing", "The weights lack a layer.")


def blame_inputs(_job, _out, _progress):
    raise Invalid("inputs_unreadable", "Line 3 cannot be read.")


def break_down(_job, _out, _progress):
    raise RuntimeError("size mismatch\nand more")


def lie(_job, out, _progress):
    """Says all sorts of things on the channel and ends well."""
    os.write(3, b'sealed {"version": "fake"}\n999999999999/1\nfault {"by": 3}\n')
    os.write(3, b"\xff\xfe\n" + b"[" * 9000 + b"\nfault [1]\n7/9")
    write_rows(out, [("a", ["0x1p+0"])])


def write_given(job, out, _progress):
    out.write_text(job.options["text"])


def write_much(job, out, _progress):
    with out.open("wb") as file:
        file.truncate(job.options["size"])


def big_world(job, out, _progress):
    """Weights read and a transformer run, all of it behind the sealed filter."""
    import torch
    from safetensors.torch import load_file
    from transformers import BertConfig, BertForSequenceClassification

    torch.set_num_threads(1)
    weights = load_file(job.model_dir / "model.safetensors")["w"]
    sizes = {"vocab_size": 32, "hidden_size": 16, "intermediate_size": 16}
    config = BertConfig(num_hidden_layers=1, num_attention_heads=2, **sizes)
    with torch.no_grad():
        logits = BertForSequenceClassification(config)(torch.arange(8)[None]).logits
        product = weights @ torch.tensor([1.0, 2.0, 3.0])
    assert logits.isfinite().all()
    write_rows(out, [("a", [value.hex() for value in product.tolist()])])
