"""``python -m tests.protocol.admission.fuzz_headers -runs=N``: hostile model files.

Needs ``pip install atheris``, which is not of the project. Whatever comes in, the rules
answer with findings, and soon: an exception, or an input that takes seconds, is kept
as a file by the fuzzer (libFuzzer), which takes the words after the module.
"""

import json
import sys
from dataclasses import dataclass

import atheris

with atheris.instrument_imports(include=["assay.protocol"]):
    from assay.protocol import blocks
    from assay.protocol.admission import AdmissionRules, Kind, inspect_files

RULES = AdmissionRules(
    kinds=frozenset(Kind),
    architectures=frozenset({"BertForSequenceClassification", "LlamaForCausalLM"}),
    max_total_bytes=2**30,
)
HEADER = {"a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}


@dataclass(frozen=True)
class Held:
    """Bytes, and a size that may not be theirs."""

    content: bytes
    size: int

    def read(self, offset: int, length: int) -> bytes:
        """At most so many bytes from an offset."""
        return self.content[offset : offset + length]


def check_bytes(data: bytes) -> None:
    """One set of files, inspected and cut."""
    provider = atheris.FuzzedDataProvider(data)
    weights = _weights(provider)
    config = provider.ConsumeBytes(300)
    files = {
        "model.safetensors": Held(weights, len(weights)),
        "config.json": Held(config, len(config)),
        provider.ConsumeUnicodeNoSurrogates(20) or "x": Held(b"", 0),
    }
    for finding in inspect_files(files, RULES):
        assert finding.code.isascii()
        assert finding.sentence
    cut = sum(span.length for span in blocks.spans(files["model.safetensors"]))
    assert cut == len(weights)


def _weights(provider: atheris.FuzzedDataProvider) -> bytes:
    """Any bytes; or a header of any bytes; or a sound header with a part replaced."""
    kind = provider.ConsumeIntInRange(0, 2)
    if kind == 0:
        return provider.ConsumeBytes(400)
    header = json.dumps(HEADER).encode()
    if kind == 1:
        header = provider.ConsumeBytes(300)
    else:
        start = provider.ConsumeIntInRange(0, len(header))
        stop = start + provider.ConsumeIntInRange(0, 12)
        header = header[:start] + provider.ConsumeBytes(24) + header[stop:]
    length = len(header) + provider.ConsumeIntInRange(-2, 2) * provider.ConsumeBool()
    return max(0, length).to_bytes(8, "little") + header + bytes(16)


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-max_len=2048", "-timeout=5"], check_bytes)
    atheris.Fuzz()
