"""A parent and its relation, on one line."""

import pytest

from assay.protocol.errors import Invalid
from assay.protocol.lineage import DeclaredParent, Relation, declared_parent


@pytest.mark.parametrize(
    ("text", "reference", "relation"),
    [
        ("ann/m", "ann/m", None),
        ("ann/m:merge", "ann/m", Relation.MERGE),
        ("ext:bert", "ext:bert", None),
        ("ext:bert:quantised", "ext:bert", Relation.QUANTISED),
    ],
)
def test_a_parent_is_read(text: str, reference: str, relation: Relation | None):
    found = declared_parent(text)

    assert found == DeclaredParent(reference, relation)
    assert found.is_external == reference.startswith("ext:")


@pytest.mark.parametrize("text", ["ann/m:", "ann/m:child", "ext:bert:fine_tune:merge"])
def test_an_unknown_relation_is_refused(text: str):
    with pytest.raises(Invalid) as refusal:
        declared_parent(text)

    assert refusal.value.code == "relation_unknown"
    assert "fine_tune" in refusal.value.fix
