import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluator import engine
from evaluator.__main__ import main
from tests.evaluator.engine import tiny


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_bert(tmp_path_factory.mktemp("models") / "bert")


def predict(model: Path, tmp_path: Path, *more: str):
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", tiny.texts())
    arguments = {
        "--task": "text_classification",
        "--model": str(model),
        "--inputs": str(inputs),
        "--outputs": str(tmp_path / "outputs.jsonl"),
        "--options": json.dumps({"labels": tiny.LABELS}),
    }
    flat = [word for pair in arguments.items() for word in pair]
    return CliRunner().invoke(main, ["predict", *flat, *more])


def test_predict_writes_scores_and_tells_progress_and_version(
    bert: Path, tmp_path: Path
):
    result = predict(bert, tmp_path)

    assert result.exit_code == 0
    assert result.stdout == f"{engine.ENGINE_VERSION}\n"
    assert result.stderr.splitlines()[-2:] == ["5/6", "6/6"]
    assert set(tiny.read_scores(tmp_path / "outputs.jsonl")) == {
        row["id"] for row in tiny.texts()
    }


@pytest.mark.jail
def test_the_jail_changes_no_bit(bert: Path, tmp_path: Path):
    predict(bert, tmp_path)
    plain = tiny.read_scores(tmp_path / "outputs.jsonl")

    result = predict(bert, tmp_path, "--jail")

    assert result.exit_code == 0
    assert result.stdout == f"{engine.ENGINE_VERSION}\n"
    assert tiny.read_scores(tmp_path / "outputs.jsonl") == plain


def test_a_fault_of_the_model_is_one_sentence_and_status_1(tmp_path: Path):
    model = tiny.save_bert(tmp_path / "model", num_labels=2)

    result = predict(model, tmp_path)

    assert result.exit_code == 1
    assert result.stderr.startswith("labels_mismatch: The model has 2 labels")


def test_a_fault_of_the_inputs_is_status_2(bert: Path, tmp_path: Path):
    result = predict(bert, tmp_path, "--task", "poetry")

    assert result.exit_code == 2
    assert "task_type_unknown" in result.stderr
