"""Programs that run where the engine would, after the jail was sealed.

They stand for an attacker who runs code in the jailed process; attacks on the walls
themselves are ``evaluator.jail.battery``.
"""

# an attacker calls the system as directly as it can, and torch only where it is needed
# ruff: noqa: B007, PLC0415

import ctypes
import json
import os
import time

from assay.protocol.errors import Invalid

VERSION = "hostile-1"
MIB = 1 << 20


class ModelFault(Invalid):
    """As the engine's own."""


def write_rows(out, rows):
    lines = [json.dumps({"id": i, "scores": s}) for i, s in rows]
    out.write_text("\n".join(lines) + "\n")


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
