"""Serializer base class and strict fields: a value is accepted unchanged or refused."""

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django.core.validators import ProhibitNullCharactersValidator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from cstoannot.core.fields import parse_whole_number

_WITHOUT_POSITION = (ProhibitNullCharactersValidator, ProhibitSurrogateCharactersValidator)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class ApiSerializer(serializers.Serializer[Any]):
    """The fields of a body, a query or an answer; nothing of a model, nothing looked up.

    `help_text` describes a field to readers of the API, `example_values` has values that show it;
    one of a base class holds for those below it.

    Fields may be called what they are: to the type checker alone, the names that DRF keeps on
    its own classes are free here. (At run time it takes declared fields off the class.)
    """

    example_values: ClassVar[Mapping[str, Any]] = {}
    source: Any
    errors: Any
    parent: Any
    read_only: Any

    def get_fields(self) -> dict[str, Any]:
        """Whoever chose what there is not is told what there is."""
        fields = super().get_fields()
        for field in fields.values():
            if isinstance(field, serializers.ChoiceField):
                there = ", ".join(str(choice) for choice in field.choices if choice != "")
                field.error_messages["invalid_choice"] = f"“{{input}}” is none of: {there}."
        return fields


class StrictCharField(serializers.CharField):
    """A JSON string, as it stands; no number is turned into one.

    NUL and half a surrogate pair cannot be stored, and are refused with their position. With
    `verbatim` nothing is looked at: the domain does that.
    """

    def __init__(self, *, verbatim: bool = False, **options: Any) -> None:
        options.setdefault("trim_whitespace", False)
        options.setdefault("allow_blank", True)
        super().__init__(**options)
        self.verbatim = verbatim
        self.validators = [v for v in self.validators if not isinstance(v, _WITHOUT_POSITION)]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Send a string.")
        if not self.verbatim and (found := _UNSTORABLE.search(data)):
            raise serializers.ValidationError(
                f"Character {found.start() + 1} is NUL or half a surrogate pair: remove it."
            )
        return data


class StrictIntegerField(serializers.IntegerField):
    """A JSON integer; no string, float or boolean is turned into one."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", 0)
        options.setdefault("max_value", 2**63 - 1)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise serializers.ValidationError("Send a whole number.")
        return data


class StrictBooleanField(serializers.BooleanField):
    """A JSON boolean."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("Send true or false.")
        return data


def _split_comma_values(values: list[Any]) -> list[str]:
    return [part for value in values for part in str(value).split(",") if part]


@extend_schema_field(OpenApiTypes.STR)
class WordsParameter(serializers.ListField):
    """A query parameter that may be repeated, and holds several values by commas."""

    child = serializers.CharField(max_length=200, trim_whitespace=False)

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_empty=False, **options)

    def get_value(self, dictionary: Any) -> Any:
        if self.field_name not in dictionary:
            return serializers.empty
        return _split_comma_values(dictionary.getlist(self.field_name))


@extend_schema_field(OpenApiTypes.STR)
class IdsParameter(WordsParameter):
    """As `WordsParameter`, of ids."""

    child = serializers.CharField(max_length=20)

    def to_internal_value(self, data: Any) -> list[int]:
        given = [parse_whole_number(part) for part in data]
        numbers = [number for number in given if number is not None]
        if not given or len(numbers) < len(given):
            raise serializers.ValidationError("Give whole numbers, separated by commas.")
        return numbers


class ChoicesParameter(WordsParameter):
    """As `WordsParameter`, each word one of a few."""

    def __init__(self, choices: Iterable[str], **options: Any) -> None:
        self.choices = list(choices)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> list[str]:
        if not data or not set(data) <= set(self.choices):
            raise serializers.ValidationError(f"Choose from: {', '.join(self.choices)}.")
        return list(data)


class RepeatedParameter(serializers.ListField):
    """A query parameter that may be repeated; its values may hold commas and be empty."""

    child = serializers.CharField(max_length=200, allow_blank=True, trim_whitespace=False)

    def get_value(self, dictionary: Any) -> Any:
        if self.field_name not in dictionary:
            return serializers.empty
        return dictionary.getlist(self.field_name)


@extend_schema_field(OpenApiTypes.BOOL)
class BooleanParameter(serializers.Field):
    """A query parameter: true or false. Absent is neither."""

    def to_internal_value(self, data: Any) -> bool:
        if str(data) not in {"true", "false", "1", "0"}:
            raise serializers.ValidationError("Say true or false.")
        return str(data) in {"true", "1"}

    def to_representation(self, value: bool) -> bool:
        return value


class DateTimeParameter(serializers.DateTimeField):
    """A time in ISO 8601, and nothing after it."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not value.isprintable():
            raise serializers.ValidationError("Give a time such as 2026-01-31T12:00:00Z.")
        return super().to_internal_value(value)


class StrictDateField(serializers.DateField):
    """A day in ISO 8601, and nothing after it."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            raise serializers.ValidationError("Give a day such as 2026-01-31.")
        return super().to_internal_value(value)


class StrictUUIDField(serializers.UUIDField):
    """A UUID in its usual form of 36 characters; integers and URNs are not taken."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str) or len(data) != 36:
            raise serializers.ValidationError("Send a UUID.")
        return super().to_internal_value(data)


class ConfirmParameters(ApiSerializer):
    confirm = BooleanParameter(required=False)
