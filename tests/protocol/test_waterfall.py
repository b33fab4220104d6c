"""Income is divided exactly, over contributors and up the lineage."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.waterfall import (
    MAX_MODELS,
    Entitlement,
    Node,
    Payment,
    distribute,
    entitlements,
)


def percent(text):
    return Decimal(text)


@st.composite
def lineages(draw):
    """A random graph without cycles: each model's parents come later in the list."""
    count = draw(st.integers(1, 8))
    nodes = []
    for index in range(count):
        parents = draw(
            st.lists(st.integers(index + 1, count - 1), unique=True, max_size=4)
            if index + 1 < count
            else st.just([])
        )
        left = 100_000
        owed = []
        for parent in parents:
            thousandths = draw(st.integers(0, left))
            left -= thousandths
            owed.append((f"m{parent}", Decimal(thousandths).scaleb(-3)))
        payees = draw(st.lists(st.sampled_from("abcdef"), min_size=1, unique=True))
        shares = tuple((payee, draw(st.integers(1, 1000))) for payee in payees)
        nodes.append(Node(f"m{index}", shares, tuple(owed)))
    return draw(st.permutations(nodes))


def by_recursion(nodes, model, income):
    """The plain definition, exponential in the worst case."""
    node = next(node for node in nodes if node.model == model)
    found = Counter()
    whole = sum(parts for _, parts in node.shares)
    for payee, parts in node.shares:
        found[payee, model] += income * node.kept * Fraction(parts, whole)
    for parent, share in node.parents:
        found += by_recursion(nodes, parent, income * Fraction(share) / 100)
    return found


def test_a_model_without_parents_pays_its_contributors():
    due = entitlements("m", [Node("m", (("ann", 2), ("bob", 1)))])

    assert due == (
        Entitlement("ann", "m", Fraction(2, 3)),
        Entitlement("bob", "m", Fraction(1, 3)),
    )
    assert distribute(100, due) == (Payment("ann", "m", 67), Payment("bob", "m", 33))


def test_parents_receive_their_percentage_of_what_each_descendant_receives():
    nodes = [
        Node("child", (("ann", 1),), (("parent", percent("10")),)),
        Node("parent", (("bob", 1),), (("base", percent("50")),)),
        Node("base", (("cy", 1),)),
    ]

    assert distribute(1000, entitlements("child", nodes)) == (
        Payment("ann", "child", 900),
        Payment("bob", "parent", 50),
        Payment("cy", "base", 50),
    )
    assert distribute(1000, entitlements("parent", nodes)) == (
        Payment("bob", "parent", 500),
        Payment("cy", "base", 500),
    )


def test_a_shared_ancestor_receives_along_every_path_once_rounded():
    nodes = [
        Node("top", (("ann", 1),), (("left", percent("20")), ("right", percent("30")))),
        Node("left", (("bob", 1),), (("base", percent("50")),)),
        Node("right", (("cy", 1),), (("base", percent("10")),)),
        Node("base", (("dee", 1),)),
    ]

    due = {e.model: e.fraction for e in entitlements("top", nodes)}

    assert due == {
        "top": Fraction(50, 100),
        "left": Fraction(10, 100),
        "right": Fraction(27, 100),
        "base": Fraction(13, 100),
    }


def test_a_model_that_owes_everything_keeps_nothing():
    nodes = [
        Node("m", (("ann", 1),), (("base", percent("100")),)),
        Node("base", (("bob", 1),)),
    ]

    assert entitlements("m", nodes) == (Entitlement("bob", "base", Fraction(1)),)


def test_a_cited_parent_at_zero_percent_receives_nothing():
    nodes = [
        Node("m", (("ann", 1), ("idle", 0)), (("base", percent("0")),)),
        Node("base", (("bob", 1),)),
    ]

    assert entitlements("m", nodes) == (Entitlement("ann", "m", Fraction(1)),)


def test_ties_go_to_the_earliest_entitlement():
    nodes = [Node("m", (("ann", 1), ("bob", 1), ("cy", 1)))]

    amounts = [p.amount for p in distribute(5, entitlements("m", nodes))]

    assert amounts == [2, 2, 1]


@given(lineages(), st.integers(0, 10**40))
def test_nothing_is_lost_or_made(nodes, amount):
    due = entitlements("m0", nodes)
    payments = distribute(amount, due)

    assert sum(e.fraction for e in due) == 1
    assert sum(p.amount for p in payments) == amount
    for entitlement, payment in zip(due, payments, strict=True):
        assert abs(payment.amount - amount * entitlement.fraction) < 1


@given(lineages())
def test_fractions_equal_the_plain_recursive_definition(nodes):
    due = Counter({(e.payee, e.model): e.fraction for e in entitlements("m0", nodes)})

    assert due == +by_recursion(nodes, "m0", Fraction(1))


@given(lineages(), st.randoms())
def test_the_order_of_the_nodes_changes_nothing(nodes, random):
    shuffled = list(nodes)
    random.shuffle(shuffled)

    assert entitlements("m0", shuffled) == entitlements("m0", nodes)


def test_a_cycle_is_refused_and_named():
    nodes = [
        Node("a", (("ann", 1),), (("b", percent("10")),)),
        Node("b", (("ann", 1),), (("c", percent("10")),)),
        Node("c", (("ann", 1),), (("b", percent("10")),)),
    ]

    with pytest.raises(Invalid) as refusal:
        entitlements("a", nodes)

    assert refusal.value.code == "waterfall_cycle"
    assert "b → c → b" in str(refusal.value) or "c → b → c" in str(refusal.value)


def test_a_model_is_not_its_own_parent():
    with pytest.raises(Invalid) as refusal:
        entitlements("a", [Node("a", (("ann", 1),), (("a", percent("10")),))])

    assert refusal.value.code == "waterfall_cycle"


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("waterfall_percent", lambda: owing("60", "40.1")),
        ("waterfall_percent", lambda: owing("-1")),
        ("waterfall_percent", lambda: owing("NaN")),
        ("waterfall_percent", lambda: owing("1E-999999")),
        ("waterfall_percent", lambda: owing("0.0000001")),
        (
            "waterfall_percent",
            lambda: Node("m", (("a", 1),), (("p", percent("1")),) * 2),
        ),
        ("waterfall_shares", lambda: Node("m", (("a", 1), ("a", 2)))),
        ("waterfall_shares", lambda: Node("m", (("a", -1), ("b", 2)))),
        ("waterfall_shares", lambda: Node("m", ())),
        ("waterfall_unknown", lambda: entitlements("m", [owing("1")])),
        ("waterfall_unknown", lambda: entitlements("m", [])),
        ("waterfall_duplicate", lambda: entitlements("m", [owing(), owing()])),
        ("waterfall_fractions", lambda: distribute(1, [])),
        (
            "waterfall_fractions",
            lambda: distribute(1, [Entitlement("a", "m", Fraction(1, 2))]),
        ),
    ],
)
def test_what_cannot_be_right_is_refused(code, make):
    with pytest.raises(Invalid) as refusal:
        make()

    assert refusal.value.code == code


def owing(*percents):
    parents = tuple((f"p{i}", percent(text)) for i, text in enumerate(percents))
    return Node("m", (("ann", 1),), parents)


def chain(length):
    return [
        Node(
            f"m{i}",
            tuple((f"{i}-{j}", 999_983 + i + j) for j in range(5)),
            ((f"m{i + 1}", percent("99.999999")),) if i + 1 < length else (),
        )
        for i in range(length)
    ]


def test_the_longest_lineage_is_exact():
    due = entitlements("m0", chain(MAX_MODELS))

    assert len(due) == 5 * MAX_MODELS
    assert sum(p.amount for p in distribute(10**30 + 7, due)) == 10**30 + 7


def test_a_longer_lineage_is_refused():
    with pytest.raises(Invalid) as refusal:
        entitlements("m0", chain(MAX_MODELS + 1))

    assert refusal.value.code == "waterfall_size"
