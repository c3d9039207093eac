"""The domain's refusals carry what a surface needs to say."""

import copy
import pickle

import pytest

from cstoannot.core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionRequired,
    Stale,
    TooLarge,
)

CODES = {
    NotFound: "not_found",
    Forbidden: "forbidden",
    Invalid: "invalid",
    Conflict: "conflict",
    Stale: "stale",
    PreconditionRequired: "precondition_required",
    TooLarge: "too_large",
}


@pytest.mark.parametrize(("kind", "code"), CODES.items())
def test_error_without_arguments_has_code_and_sentence(kind, code):
    error = kind()
    assert isinstance(error, DomainError)
    assert (error.code, error.field, error.errors) == (code, None, {})
    assert error.message.endswith(".") and str(error) == error.message


def test_error_with_field_lists_its_message_under_the_field():
    error = Invalid("End lies before start.", code="span", field="end")
    assert error.code == "span"
    assert error.errors == {"end": ["End lies before start."]}


def test_error_with_errors_keeps_them_and_copies():
    given = {"start": ("Too small.",), "end": ["Too large.", "Odd."]}
    error = Invalid("Two fields are wrong.", field="start", errors=given)
    assert error.errors == {"start": ["Too small."], "end": ["Too large.", "Odd."]}
    error.errors["end"].append("More.")
    assert given["end"] == ["Too large.", "Odd."]


@pytest.mark.parametrize("kind", [Stale, PreconditionRequired])
def test_error_against_version_carries_current_state(kind):
    assert kind().current is None
    assert kind("Changed.", current={"version": 3}).current == {"version": 3}


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_error_survives_copying(again):
    error = again(Stale("Changed.", current=7, field="version"))
    assert (error.message, error.current, error.errors) == (
        "Changed.",
        7,
        {"version": ["Changed."]},
    )
