from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.canonical import canonical_bytes, digest, read_json
from assay.protocol.errors import Invalid
from assay.protocol.manifest import Manifest, ManifestFile, Share, check_path

HASH = "ab" * 32
WEIGHTS = ManifestFile("model.safetensors", 1000, HASH)
CONFIG = ManifestFile("config.json", 20, "cd" * 32)
MANIFEST = Manifest(
    files=(WEIGHTS, CONFIG),
    terms={"License": "udl", "Commercial-Use": "Allowed"},
    shares=(Share("ann", 3), Share("bob", 1)),
    parents=("base/minilm",),
)


def test_the_digest_is_that_of_the_stated_document():
    document = {
        "format": "assay-manifest-1",
        "files": [
            {"path": "config.json", "size": 20, "sha256": "cd" * 32},
            {"path": "model.safetensors", "size": 1000, "sha256": HASH},
        ],
        "terms": {"License": "udl", "Commercial-Use": "Allowed"},
        "shares": [
            {"contributor": "ann", "parts": 3},
            {"contributor": "bob", "parts": 1},
        ],
        "parents": ["base/minilm"],
    }
    assert MANIFEST.digest() == digest(document)
    assert read_json(canonical_bytes(MANIFEST.document())) == document


@given(st.sets(st.integers(0, 999), min_size=2), st.randoms())
def test_the_order_of_files_does_not_change_the_digest(numbers, rng):
    files = [ManifestFile(f"part-{number}", number, HASH) for number in numbers]
    shuffled = rng.sample(files, len(files))
    first = replace(MANIFEST, files=tuple(files))
    second = replace(MANIFEST, files=tuple(shuffled))
    assert first.digest() == second.digest()


def test_the_order_of_terms_does_not_change_the_digest():
    terms = dict(reversed(MANIFEST.terms.items()))
    assert replace(MANIFEST, terms=terms).digest() == MANIFEST.digest()


@pytest.mark.parametrize(
    "changed",
    [
        replace(MANIFEST, files=(CONFIG,)),
        replace(MANIFEST, files=(replace(WEIGHTS, size=1001), CONFIG)),
        replace(MANIFEST, files=(replace(WEIGHTS, sha256="ef" * 32), CONFIG)),
        replace(MANIFEST, files=(replace(WEIGHTS, path="m.safetensors"), CONFIG)),
        replace(MANIFEST, terms={"License": "udl"}),
        replace(MANIFEST, shares=(Share("ann", 3), Share("bob", 2))),
        replace(MANIFEST, shares=(Share("bob", 1), Share("ann", 3))),
        replace(MANIFEST, parents=()),
    ],
    ids=str,
)
def test_any_other_change_changes_the_digest(changed):
    assert changed.digest() != MANIFEST.digest()


@pytest.mark.parametrize(
    "path", ["model.safetensors", "a/b_c-1.json", "README", "a" * 200]
)
def test_plain_relative_paths_are_allowed(path):
    check_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../up.json",
        "a/../b",
        "a/./b",
        "a//b",
        "a/",
        ".hidden",
        "a/.git/config",
        "a\\b",
        "C:model",
        "a b",
        "a\n",
        "a\x00b",
        "modèle.json",
        "-rf",
        "a.",
        "a" * 201,
        "~root",
    ],
)
def test_paths_that_could_surprise_are_refused(path):
    with pytest.raises(Invalid) as refused:
        ManifestFile(path, 1, HASH)
    assert refused.value.code == "manifest_path"
    assert refused.value.where == path[:200]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: replace(WEIGHTS, size=-1), "manifest_size"),
        (lambda: replace(WEIGHTS, size=2**63), "manifest_size"),
        (lambda: replace(WEIGHTS, sha256="AB" * 32), "manifest_sha256"),
        (lambda: replace(WEIGHTS, sha256="ab"), "manifest_sha256"),
        (lambda: Share("ann", 0), "manifest_parts"),
        (lambda: Share("ann", -1), "manifest_parts"),
        (lambda: Share("ann", 10**9 + 1), "manifest_parts"),
        (lambda: Share("", 1), "manifest_contributor"),
        (lambda: Share(" ann", 1), "manifest_contributor"),
        (lambda: Share("an\nn", 1), "manifest_contributor"),
        (lambda: replace(MANIFEST, files=()), "manifest_files"),
        (lambda: replace(MANIFEST, shares=()), "manifest_shares"),
        (lambda: replace(MANIFEST, parents=("a",) * 101), "manifest_parents"),
        (lambda: replace(MANIFEST, parents=("a", "a")), "manifest_twice"),
        (lambda: replace(MANIFEST, parents=("",)), "manifest_parent"),
        (lambda: replace(MANIFEST, shares=(Share("a", 1),) * 2), "manifest_twice"),
        (lambda: replace(MANIFEST, files=(WEIGHTS, WEIGHTS)), "manifest_twice"),
        (
            lambda: replace(
                MANIFEST, files=(CONFIG, replace(CONFIG, path="Config.json"))
            ),
            "manifest_twice",
        ),
        (
            lambda: replace(
                MANIFEST,
                files=(replace(CONFIG, path="a"), replace(CONFIG, path="A/b/c")),
            ),
            "manifest_path",
        ),
        (lambda: replace(MANIFEST, terms={"": "x"}), "manifest_terms"),
        (lambda: replace(MANIFEST, terms={"x": "é" * 1537}), "manifest_terms"),
        (lambda: replace(MANIFEST, terms={"x": "\ud800"}), "manifest_terms"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_code(make, code):
    with pytest.raises(Invalid) as refused:
        make()
    assert refused.value.code == code
