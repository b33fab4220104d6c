"""From how a run ended to whose fault it was."""

import signal

from evaluator.jail.cgroup import Group
from evaluator.jail.results import BadOutputsError, read_outputs
from evaluator.jail.supervise import Ending
from evaluator.job import JailFailed, Limits, Measured, ModelFailed, Outcome

_OUT_OF_MEMORY = (b"bad_alloc", b"MemoryError", b"can't allocate memory")


def judge(ending: Ending, limits: Limits, outputs: int, group: Group) -> Outcome:
    """The outcome of a run; ``outputs`` is the open file that it wrote to."""
    if ending.why == "stopped":
        return JailFailed("stopped", "The run was stopped because its lease was lost.")
    if ending.transcript.sealed is None:
        return _never_sealed(ending)
    fault = ending.transcript.fault
    if ending.why == "exited" and ending.status == 0 and fault is None:
        return _measured(ending, limits, outputs)
    if fault is not None and fault.by == "platform":
        return JailFailed(fault.code, fault.sentence)
    return _model_failed(ending, limits, group)


def _never_sealed(ending: Ending) -> JailFailed:
    fault = ending.transcript.fault
    if fault is not None:
        return JailFailed(fault.code, fault.sentence)
    last = ending.noise.decode("utf-8", "replace").strip().splitlines()[-1:]
    told = "".join(c for c in "".join(last) if c.isprintable())[:300]
    sentence = f"The jailed process ended before it was ready ({ending.why}, status"
    return JailFailed("jail_broken", f"{sentence} {ending.status}): {told or 'silent'}")


def _measured(ending: Ending, limits: Limits, outputs: int) -> Outcome:
    try:
        rows = read_outputs(outputs, limits.file_bytes)
    except BadOutputsError as bad:
        return ModelFailed(bad.code, bad.sentence, ending.usage)
    version = str((ending.transcript.sealed or {}).get("version", ""))
    return Measured(rows, ending.usage, version)


def _model_failed(ending: Ending, limits: Limits, group: Group) -> ModelFailed:
    fault = ending.transcript.fault
    code = _cause(ending, limits, group)
    if fault is not None and ending.why == "exited" and code == "crashed":
        code = fault.code
    said = fault.sentence if fault is not None and fault.code == code else ""
    return ModelFailed(code, said or _sentence(code, ending, limits), ending.usage)


def _cause(ending: Ending, limits: Limits, group: Group) -> str:
    if ending.why in ("wall", "flood"):
        return {"wall": "wall_limit", "flood": "output_limit"}[ending.why]
    if group.ran_out_of_memory() or any(w in ending.noise for w in _OUT_OF_MEMORY):
        return "memory_limit"
    died_of = ending.status - 128
    if died_of == signal.SIGSYS:
        return "forbidden_call"
    if died_of == signal.SIGXCPU:
        return "cpu_limit"
    killed = died_of == signal.SIGKILL
    return "cpu_limit" if killed and _spent(ending, limits) else "crashed"


def _spent(ending: Ending, limits: Limits) -> bool:
    return ending.usage.cpu_seconds >= limits.cpu_seconds


def _sentence(code: str, ending: Ending, limits: Limits) -> str:
    return {
        "memory_limit": f"The model needs more than {limits.memory_bytes >> 20} MiB.",
        "cpu_limit": f"The model needs more than {limits.cpu_seconds} s of processor.",
        "wall_limit": f"The model was not done after {limits.wall_seconds} s.",
        "output_limit": f"The run said more than {limits.output_bytes} bytes.",
        "forbidden_call": "The run made a system call that no model needs.",
    }.get(code, f"The run ended with status {ending.status}.")
