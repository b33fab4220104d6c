import json
import os
import random
from pathlib import Path

import pytest

from evaluator import engine
from evaluator.job import Job
from examples.base_models.prepare import RECIPES, prepare
from tests.evaluator.engine import tiny

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("ASSAY_BASE_MODELS") or ROOT / "var/cache/base_models")
LABELS = (ROOT / "examples/base_models/banking77_labels.txt").read_text().split()

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def minilm() -> Path:
    return prepare(CACHE, "minilm-l6-banking77")


@pytest.fixture(scope="module")
def smollm2() -> Path:
    return prepare(CACHE, "smollm2-135m-instruct")


def scores(job: Job, tmp_path: Path) -> dict[str, list[float]]:
    engine.run(job, tmp_path / "outputs.jsonl")
    return tiny.read_scores(tmp_path / "outputs.jsonl")


def best(values: list[float]) -> int:
    return max(range(len(values)), key=values.__getitem__)


def question(name: str, context: str, *choices: str) -> dict[str, object]:
    wrapped = f"Question: {context}\nAnswer:"
    return {"id": name, "context": wrapped, "choices": list(choices)}


QUESTIONS = [
    question("capital", "What is the capital of France?", "Berlin", "Paris", "Madrid"),
    question("legs", "How many legs does a dog have?", "four", "nine hundred"),
    question("sky", "What colour is a clear sky at noon?", "purple", "blue"),
    question("sun", "Where does the sun rise?", "in the east", "in the kitchen"),
]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Can I pay with Apple Pay?", "apple_pay_or_google_pay"),
        ("What is the exchange rate?", "exchange_rate"),
        ("Somebody stole my phone", "lost_or_stolen_phone"),
        ("How old must one be to have an account?", "age_limit"),
        ("I forgot my passcode", "passcode_forgotten"),
    ],
)
def test_minilm_knows_intents_from_their_names_alone(
    minilm: Path, tmp_path: Path, text: str, label: str
):
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", [{"id": "t", "text": text}])
    job = Job("text_classification", {"labels": LABELS}, minilm, None, inputs, minilm)

    found = scores(job, tmp_path)

    assert LABELS[best(found["t"])] == label


def test_the_label_names_stand_in_the_config_in_the_same_order(minilm: Path):
    config = json.loads((minilm / "config.json").read_text())

    assert [config["id2label"][str(index)] for index in range(77)] == LABELS


def test_smollm2_answers_what_a_child_knows(smollm2: Path, tmp_path: Path):
    inputs = tiny.write_rows(tmp_path / "inputs.jsonl", QUESTIONS)

    found = scores(tiny.choice_job(smollm2, inputs), tmp_path)

    assert {name: best(values) for name, values in found.items()} == {
        "capital": 1,
        "legs": 0,
        "sky": 1,
        "sun": 0,
    }


def test_order_and_company_change_no_bit_of_a_real_model(smollm2: Path, tmp_path: Path):
    inputs = tmp_path / "inputs.jsonl"
    job = tiny.choice_job(smollm2, inputs)
    tiny.write_rows(inputs, QUESTIONS)
    together = scores(job, tmp_path)

    tiny.write_rows(inputs, random.Random(3).sample(QUESTIONS, 3))
    shuffled = scores(job, tmp_path)

    assert shuffled == {name: together[name] for name in shuffled}


@pytest.mark.parametrize("name", RECIPES)
def test_a_second_preparation_touches_nothing(name: str):
    folder = prepare(CACHE, name)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}

    assert prepare(CACHE, name) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
