"""Where two evaluations of one model differ: the first example, found by bisection."""

from assay.protocol.canonical import Json
from assay.protocol.receipts import Tree
from assay.protocol.receipts.comparing import arithmetic
from assay.protocol.receipts.disputes import Difference, bisect
from competitions.models import Evaluation
from competitions.services.measuring import kept_outputs
from competitions.services.receipting import precision_of


def difference_of(one: Evaluation, other: Evaluation) -> dict[str, Json]:
    """What may be told in public of how two scored evaluations differ.

    Numbers of examples and no ids or outputs, since the data may be hidden. Nothing
    where one of them has no outputs, or both are the same.
    """
    if one.outputs_id is None or other.outputs_id is None:
        return {}
    trees = Tree.of(kept_outputs(one)), Tree.of(kept_outputs(other))
    if trees[0].root == trees[1].root or trees[0].size != trees[1].size:
        return {}
    found = bisect(
        examples=trees[0].size,
        roots=(trees[0].root, trees[1].root),
        openings=(trees[0].children, trees[1].children),
    )
    assert isinstance(found, Difference)  # both trees are whole
    size = trees[0].size
    differing = sum(trees[0].node(0, at) != trees[1].node(0, at) for at in range(size))
    return {
        "first_difference": f"example {found.index + 1} of {size}",
        "steps": found.steps,
        "differing_examples": differing,
        "comparable_engines": _version(one) == _version(other),
    }


def _version(evaluation: Evaluation) -> str:
    precision = precision_of(evaluation.competition)
    return arithmetic(evaluation.engine_version, precision)
