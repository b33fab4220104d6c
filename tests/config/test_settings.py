"""Settings that would put a public platform at risk are refused at start."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client


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


def test_production_settings_pass_djangos_own_check_for_deployment(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        env={
            "PATH": os.environ["PATH"],
            "ASSAY_DEVELOPMENT": "0",
            "ASSAY_SECRET_KEY": "".join(chr(48 + n) for n in range(64)),
            "ASSAY_PUBLIC_URL": "https://assay.example",
            "ASSAY_HOSTS": "assay.example",
            "ASSAY_VAR": str(tmp_path),
            "DATABASE_URL": "sqlite://:memory:",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout


def test_over_https_answers_bind_browsers_to_it(client: Client, settings: Any):
    settings.SECURE_HSTS_SECONDS = 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True

    answer = client.get("/healthz", secure=True)

    assert answer["Strict-Transport-Security"] == "max-age=3600; includeSubDomains"


def test_every_answer_forgoes_powers_and_frames(client: Client):
    answer = client.get("/healthz")

    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
