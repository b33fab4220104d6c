"""The filters' verdicts on every processor, by an interpreter of their programs."""

import errno
import struct

import pytest

from evaluator.jail.seccomp import ALLOW, KILL, inner_filter, outer_filter, refuse
from evaluator.jail.syscalls import AUDIT, HOSTILE, IPC, NEEDED, NETWORK, NUMBERS

MACHINES = sorted(NUMBERS)
FILTERS = [inner_filter, outer_filter]
EPERM = refuse(errno.EPERM)


def verdict(program, machine, number, *arguments, audit=None):
    """What the kernel would answer (a small interpreter of classic BPF)."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    audit = AUDIT[machine] if audit is None else audit
    seen = struct.pack("<IIQ6Q", number, audit, 0, *padded)
    steps = list(struct.iter_unpack("<HBBI", program))
    at = value = 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        if code == 0x06:
            return operand
        if code == 0x20:
            value = struct.unpack_from("<I", seen, operand)[0]
        elif code == 0x54:
            value &= operand
        else:
            holds = {0x15: value == operand, 0x35: value >= operand}
            at += yes if holds.get(code, bool(value & operand)) else no


@pytest.mark.parametrize("machine", MACHINES)
def test_the_inner_filter_kills_what_no_model_needs(machine):
    program = inner_filter(machine)
    known = [NUMBERS[machine][n] for n in HOSTILE if n in NUMBERS[machine]]

    assert {verdict(program, machine, number) for number in known} == {KILL}


@pytest.mark.parametrize("build", FILTERS)
@pytest.mark.parametrize("machine", MACHINES)
def test_no_filter_lets_a_socket_or_shared_segment_through(machine, build):
    program = build(machine)
    known = [NUMBERS[machine][n] for n in (*NETWORK, *IPC) if n in NUMBERS[machine]]

    verdicts = {verdict(program, machine, number) for number in known}

    assert verdicts == {refuse(errno.EACCES)}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_inner_filter_allows_what_is_needed_and_nothing_else(machine):
    program, numbers = inner_filter(machine), NUMBERS[machine]
    needed = {numbers[name] for name in NEEDED if name in numbers}
    decided_by_arguments = {
        numbers[name] for name in ("clone", "ioctl", "prctl", "prlimit64", "mmap")
    }

    allowed = {n for n in range(600) if verdict(program, machine, n) == ALLOW}

    assert allowed - decided_by_arguments == needed


@pytest.mark.parametrize("build", FILTERS)
@pytest.mark.parametrize("machine", MACHINES)
def test_foreign_machines_and_unreviewed_calls_are_refused(machine, build):
    program = build(machine)
    i386 = 0x40000003

    assert verdict(program, machine, 20, audit=i386) == KILL
    assert verdict(program, machine, 0x40000000 + 39) == KILL
    assert verdict(program, machine, 462) == refuse(errno.ENOSYS)
    assert verdict(program, machine, 435) == refuse(errno.ENOSYS)  # clone3


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_can_be_made_and_processes_cannot(machine):
    clone, program = NUMBERS[machine]["clone"], inner_filter(machine)
    thread, fork, new_user = 0x3D0F00, 17, 0x10000000

    assert verdict(program, machine, clone, thread) == ALLOW
    assert verdict(program, machine, clone, fork) == EPERM
    assert verdict(program, machine, clone, thread | new_user) == EPERM
    assert verdict(outer_filter(machine), machine, clone, fork | new_user) == EPERM
    assert verdict(outer_filter(machine), machine, clone, fork) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_limits_can_be_read_and_not_set(machine):
    number, program = NUMBERS[machine]["prlimit64"], inner_filter(machine)

    assert verdict(program, machine, number, 0, 7, 0, 1234) == ALLOW
    assert verdict(program, machine, number, 0, 7, 1234, 0) == EPERM
    assert verdict(program, machine, number, 0, 7, 1 << 40, 0) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_memory_is_private_or_a_files(machine):
    number, program = NUMBERS[machine]["mmap"], inner_filter(machine)
    private, shared_file, shared, validated = 0x22, 0x01, 0x21, 0x23

    assert verdict(program, machine, number, 0, 1, 3, private) == ALLOW
    assert verdict(program, machine, number, 0, 1, 3, shared_file) == ALLOW
    assert verdict(program, machine, number, 0, 1, 3, shared) == EPERM
    assert verdict(program, machine, number, 0, 1, 3, validated) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_terminals_cannot_be_typed_into(machine):
    number = NUMBERS[machine]["ioctl"]

    assert verdict(outer_filter(machine), machine, number, 0, 0x5412) == EPERM
    assert verdict(outer_filter(machine), machine, number, 0, 0x5401) == ALLOW
    refused = refuse(errno.ENOTTY)
    assert verdict(inner_filter(machine), machine, number, 0, 0x5412) == refused
