import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from cstoannot.annotations.models import Layer
from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.codebook.meaning import ANY, MEANINGS, choose_stale_filter
from cstoannot.core.errors import DomainError
from cstoannot.exchange.exporting import ExportFile, prepare_export
from cstoannot.exchange.formats.registry import FORMATS, build_export_request, require_format
from cstoannot.projects.scope import open_as_owner

STANCES = {"supports": "supports", "opposes": "opposes", "mixed": "mixed", "none": ""}


def _parse_moment_option(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise ArgumentTypeError(f"{text!r} is not a time such as 2026-01-31T12:00:00Z")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = "Export a project's annotations to a file, the same as an owner gets from the page or "
    "the API."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="the project's slug")
        parser.add_argument("format", help=", ".join(FORMATS))
        parser.add_argument("file", help="path of the file; - for standard output")
        parser.add_argument("--force", action="store_true", help="replace an existing file")
        parser.add_argument(
            "--option",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="option of the format",
        )
        several: dict[str, Any] = {"action": "append", "default": []}
        parser.add_argument("--source", type=int, help="an id", **several)
        parser.add_argument("--code", help="a code's slug", **several)
        parser.add_argument("--descendants", action="store_true", help="include child codes")
        parser.add_argument("--annotator", help="a user name", **several)
        parser.add_argument("--layer", default="", choices=Layer.values)
        parser.add_argument("--stance", choices=list(STANCES), **several)
        parser.add_argument("--voice", help="a speaker's name; empty for the author", **several)
        parser.add_argument("--stale", choices=["true", "false"])
        parser.add_argument("--meaning", default=ANY, choices=MEANINGS)
        parser.add_argument("--q", default="", help="words in the passage or in the note")
        parser.add_argument(
            "--updated-since", type=_parse_moment_option, help="such as 2026-01-31T12:00:00Z"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        to_screen = options["file"] == "-"
        target = Path(options["file"])
        if not to_screen and target.exists() and not options["force"]:
            raise CommandError(f"{target} already exists. Use --force to replace it.")
        try:
            format = require_format(options["format"])
            chosen = _parse_format_options(options["option"])
            scope = open_as_owner(options["project"])
            made = prepare_export(
                format, build_export_request(scope, format, _build_export_filter(options), chosen)
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        if to_screen:
            sys.stdout.buffer.writelines(made.chunks)
            return
        size = _write_export_file(made, target)
        self.stdout.write(f"{target}: {size:,} bytes, {format.title}.")


def _build_export_filter(options: Mapping[str, Any]) -> AnnotationFilter:
    return AnnotationFilter(
        sources=options["source"],
        codes=options["code"],
        descendants=options["descendants"],
        annotators=options["annotator"],
        layer=options["layer"],
        stances=[STANCES[stance] for stance in options["stance"]],
        voices=options["voice"],
        stale=choose_stale_filter(
            None if options["stale"] is None else options["stale"] == "true", options["meaning"]
        ),
        q=options["q"].strip(),
        updated_since=options["updated_since"],
    )


def _parse_format_options(given: Iterable[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise CommandError(f"--option {wrong[0]}: give a name and a value, as in flavour=scripts.")
    return {name: value for name, _, value in pairs}


def _write_export_file(made: ExportFile, target: Path) -> int:
    """Write beside the target, then rename, so that the target is never incomplete."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("xb") as file:
            file.writelines(made.chunks)
            size = file.tell()
        beside.replace(target)
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        beside.unlink(missing_ok=True)
    return size
