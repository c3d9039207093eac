"""Every measure says of itself what menus and methods paragraphs need."""

import pytest

from cstoannot.stats.coefficients.definitions import MeasureKind
from cstoannot.stats.coefficients.registry import MEASURES

NAMED_IN_THE_API = {
    "percent_agreement",
    "cohen_kappa",
    "scott_pi",
    "fleiss_kappa",
    "gwet_ac1",
    "brennan_prediger",
    "krippendorff_alpha",
    "set_alpha_masi",
    "set_alpha_jaccard",
    "u_alpha",
    "joint_u_alpha",
    "bar_u_alpha",
    "cu_alpha",
    "ku_alpha",
    "u_alpha_1995",
    "f1_exact",
    "f1_overlap",
    "f1_characters",
    "stance_alpha",
    "voice_alpha",
}


def test_measures_are_those_of_the_api():
    assert set(MEASURES) == NAMED_IN_THE_API


@pytest.mark.parametrize("key", MEASURES)
def test_entry_is_complete(key):
    measure = MEASURES[key]
    assert measure.key == key
    assert measure.title
    assert measure.citation.endswith(".")
    assert not measure.phrase.endswith(".")
    assert measure.question in {"unitizing", "coding", "stance", "voice"}
    assert (measure.units != ("character",)) == (measure.kind is MeasureKind.UNITS)
