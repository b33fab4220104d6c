"""A stranger with one file and no network reads the terms and whom to pay."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from assay.documents.boms import write_bom
from assay.documents.cards import write_card
from assay.documents.weights import metadata_of, write_weights
from assay.protocol.terms import PRESETS, write_tags, write_toml
from catalogue.models import Model
from tests.commands.conftest import Shell
from tests.documents.records import record


@pytest.fixture
def files(home: Path) -> dict[str, Path]:
    """The same terms in every document that can carry them."""
    plain = home / "plain.safetensors"
    save_file({"w": np.zeros(2, dtype=np.float32)}, plain)
    write_weights(plain, home / "w.safetensors", metadata_of(record()))
    written = {
        "card": home / "README.md",
        "bom": home / "bom.json",
        "terms": home / "terms.toml",
    }
    written["card"].write_text(write_card(record()), "utf-8")
    written["bom"].write_text(write_bom(record()), "utf-8")
    written["terms"].write_text(write_toml(record().terms, ["mine"]), "utf-8")
    return {**written, "weights": home / "w.safetensors", "plain": plain}


@pytest.mark.parametrize("kind", ["weights", "card", "bom"])
def test_each_document_says_terms_parents_and_whom_to_pay(
    shell: Shell, files: dict[str, Path], kind: str
) -> None:
    said = shell("inspect", files[kind], "--json").json

    assert said["document"] == kind
    assert said["tags"] == record().terms
    assert (said["model"], said["digest"]) == ("maya/router", "a" * 64)
    assert said["pay"] == "maya at https://assay.example/models/maya/router"
    assert said["parents"][0] == f"open-models/minilm {'b' * 64}"
    uses = {use["use"]: use for use in said["uses"]}
    assert uses["commercial"]["revenue_share"] == "10"
    assert uses["derivation"]["duties"] == ["same-licence"]
    assert uses["training"]["verdict"] == "denied"


def test_tags_alone_say_what_they_can(shell: Shell, files: dict[str, Path]) -> None:
    ran = shell("inspect", files["terms"], "--language", "zh-Hans")

    assert ran.status == 0
    assert "您可以将该作品用于商业用途" in ran.out


def test_the_address_in_the_terms_is_who_is_paid(shell: Shell, home: Path) -> None:
    tags = {**write_tags(PRESETS["open"].terms), "Payment-Address": "0xabc"}
    (home / "t.toml").write_text(write_toml(tags, []), "utf-8")

    assert shell("inspect", "t.toml", "--json").json["pay"] == "0xabc"


def test_a_file_that_says_nothing_is_refused(
    shell: Shell, files: dict[str, Path], home: Path
) -> None:
    (home / "bare.md").write_text("# Bare", "utf-8")

    for file in (files["plain"], home / "bare.md"):
        ran = shell("inspect", file)
        assert (ran.status, ran.code) == (3, "no_terms")


def test_a_slip_in_a_document_is_told_and_grants_nothing(
    shell: Shell, home: Path
) -> None:
    tags = {**record().terms, "Acess-Fee": "One-Time-5"}
    (home / "t.json").write_text(json.dumps(tags), "utf-8")

    ran = shell("inspect", "t.json", "--json")

    assert "error: Acess-Fee" in ran.err
    uses = {use["use"]: use["verdict"] for use in ran.json["uses"]}
    assert uses["access"] == "denied"


def test_another_licence_is_told_by_its_facts(shell: Shell, home: Path) -> None:
    (home / "README.md").write_text("---\nlicense: llama3.1\n---\n", "utf-8")
    (home / "b.md").write_text(
        "---\nlicense: other\nlicense_name: udl-0.2\n---\n", "utf-8"
    )

    known = shell("inspect", "README.md", "--json").json
    unknown = shell("inspect", "b.md", "--json").json

    assert known["uses"][0]["user_threshold"] == 700_000_000
    assert "not known here" in unknown["explained"][0]
    assert unknown["uses"] == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.bin", b"\xff\xfe", "document_unreadable"),
        ("a.safetensors", b"short", "weights_unreadable"),
        ("a.json", b'{"bomFormat": "CycloneDX"}', "bom_schema"),
        ("a.toml", b"not toml", "terms_unreadable"),
        ("a.txt", b" " * (9 * 2**20), "document_large"),
    ],
)
def test_what_cannot_be_read_is_refused(
    shell: Shell, home: Path, name: str, content: bytes, code: str
) -> None:
    (home / name).write_bytes(content)

    ran = shell("inspect", name)

    assert (ran.status, ran.code) == (3, code)


@pytest.mark.parametrize(
    ("name", "content", "library"),
    [
        ("README.md", "---\nlicense: mit\n---\n", "huggingface_hub"),
        (
            "b.json",
            '{"bomFormat": "CycloneDX", "specVersion": "1.6"}',
            "cyclonedx.schema",
        ),
    ],
)
def test_without_the_extra_it_says_what_to_install(
    shell: Shell,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: str,
    library: str,
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    (home / name).write_text(content, "utf-8")

    ran = shell("inspect", name)

    assert (ran.status, ran.code) == (7, "documents_missing")
    assert "pip install 'assay[documents]'" in ran.err


@pytest.mark.django_db(transaction=True)
def test_what_is_exported_says_the_terms_of_the_model(
    anyone: Shell, base: Model, home: Path
) -> None:
    anyone("model", "download", base.reference, "files")
    weights = home / "files" / "model.safetensors"

    ran = anyone("model", "export", base.reference, "out", "--weights", weights)

    assert ran.status == 0, ran.err
    for name in ("README.md", "bom.cdx.json", "model.safetensors"):
        said = anyone("inspect", home / "out" / name, "--json").json
        assert said["tags"] == base.terms, name
        assert said["model"] == base.reference
        assert said["digest"] == base.manifest_digest
        assert said["granted"] == base.created_at.date().isoformat()
    again = anyone("model", "export", base.reference, "out")
    assert (again.status, again.code) == (3, "file_exists")


@pytest.mark.django_db(transaction=True)
def test_terms_do_not_go_into_other_weights(
    anyone: Shell, base: Model, home: Path
) -> None:
    other = home / "other.safetensors"
    save_file({"w": np.zeros(2, dtype=np.float32)}, other)

    ran = anyone("model", "export", base.reference, "out", "--weights", other)

    assert (ran.status, ran.code) == (3, "weights_not_of_model")
    assert not (home / "out").exists()


def test_documents_that_carry_tags_do_as_files_of_terms(
    shell: Shell, files: dict[str, Path], home: Path
) -> None:
    plain = shell("terms", "explain", files["terms"]).out

    assert shell("terms", "explain", files["card"]).out == plain
    assert shell("terms", "explain", files["weights"]).out == plain
    (home / "mit.md").write_text("---\nlicense: mit\n---\n", "utf-8")
    for name in ("mit.md", "plain.safetensors"):
        assert shell("terms", "check", name).code == "terms_not_carried"
