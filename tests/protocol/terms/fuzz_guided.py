"""``python -m tests.protocol.terms.fuzz_guided -runs=N``: led by what inputs reach.

Needs ``pip install atheris``, which is not of the project. The words after the module
go to its fuzzer (libFuzzer); an input that breaks something is kept as a file.
"""

import sys
from random import Random

import atheris

with atheris.instrument_imports(include=["assay.protocol.terms"]):
    from tests.protocol.terms.mutating import mutated
    from tests.protocol.terms.oracle import check_tags, check_text


def check_bytes(data: bytes) -> None:
    """One input: a text of tags, or tags with strange names and values among them."""
    provider = atheris.FuzzedDataProvider(data)
    if provider.ConsumeBool():
        check_text(provider.ConsumeUnicodeNoSurrogates(2000))
        return
    tags = mutated(Random(provider.ConsumeInt(4)))
    for _ in range(provider.ConsumeIntInRange(0, 4)):
        name = provider.ConsumeUnicodeNoSurrogates(40)
        tags[name] = provider.ConsumeUnicodeNoSurrogates(60)
    check_tags(tags)


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-max_len=4096"], check_bytes)
    atheris.Fuzz()
