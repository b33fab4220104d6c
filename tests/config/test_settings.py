"""Settings that would put a public platform at risk are refused at start."""

import os
import subprocess
import sys

import pytest


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_public_address_is_refused_while_development_is_on():
    said = start(ASSAY_PUBLIC_URL="https://assay.example").stderr

    assert "set ASSAY_DEVELOPMENT=0" in said


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"ASSAY_DEVELOPMENT": "0"}, "ASSAY_SECRET_KEY is not set"),
        ({"ASSAY_FAUCET": "perhaps"}, "set it to 1 or 0"),
        ({"STORAGE_URL": "ftp://host/folder"}, "set it to a folder's path or to s3://"),
        ({"STORAGE_URL": "s3://key:secret@bucket"}, "AWS_SECRET_ACCESS_KEY"),
        ({"STORAGE_URL": "s3://bucket?zone=a"}, "only endpoint and region are known"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_one_sentence(settings, sentence):
    assert sentence in start(**settings).stderr


def test_a_production_set_up_starts():
    done = start(
        ASSAY_DEVELOPMENT="0",
        ASSAY_SECRET_KEY="x" * 50,
        ASSAY_PUBLIC_URL="https://assay.example",
    )

    assert done.returncode == 0, done.stderr
