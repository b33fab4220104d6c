"""Colours can be told apart, in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

CSS = Path("web/static/web/assay.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, flags=re.DOTALL)
)
TEXTS = [
    *(("ink", ground) for ground in ("ground", "raised", "sunk", "accent-tint")),
    *(("muted", ground) for ground in ("ground", "raised", "sunk", "accent-tint")),
    *(("accent", ground) for ground in ("ground", "raised", "sunk", "accent-tint")),
    *(("bad", ground) for ground in ("ground", "raised", "bad-tint")),
    *(("ink", f"{tone}-tint") for tone in ("good", "warn", "bad")),
    ("good", "good-tint"),
    ("warn", "warn-tint"),
    ("on-accent", "accent"),
]
EDGES = [("control", "raised"), ("control", "ground")]


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black on white."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(tokens: dict[str, str]):
    faint = [
        (text, ground, round(contrast(tokens[text], tokens[ground]), 2))
        for text, ground in TEXTS
        if contrast(tokens[text], tokens[ground]) < 4.5
    ]

    assert faint == []


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_controls_stand_out(tokens: dict[str, str]):
    for edge, ground in EDGES:
        assert contrast(tokens[edge], tokens[ground]) >= 3, (edge, ground)


def test_no_rule_names_a_colour_of_its_own():
    rules = CSS.partition("/* Ground */")[2].partition("@media print")[0]

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", rules) == []
