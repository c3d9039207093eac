"""A codebook of REFI-QDA 1.5, valid under its schema."""

from collections.abc import Iterator

from cstoannot.codebook.queries import load_code_tree as codes_of
from cstoannot.core.errors import Invalid
from cstoannot.exchange.formats import refi
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest
from cstoannot.exchange.queries import ProjectIdentifiers

TOOL = refi.build_tool_option(
    {
        "standard": "NVivo, MAXQDA, ATLAS.ti and whoever reads the standard",
        refi.QUALCODER: "QualCoder: each name once in the whole tree",
    }
)


def stream_refi_codebook(asked: ExportRequest) -> Iterator[bytes]:
    identifiers = ProjectIdentifiers(asked.scope)
    codes = codes_of(asked.scope)
    entries = refi.build_refi_codes(codes, identifiers)
    if asked.options[TOOL.key] == refi.QUALCODER:
        entries = refi.rename_duplicate_codes(entries)
    claims = [identifiers.of("code", place.code.slug) for place in codes if place.code.claim]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    head += f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="{refi.ORIGIN}">\n'
    yield (head + "".join(refi.render_refi_codes(entries))).encode()
    if claims:
        members = "".join(f'<MemberCode guid="{guid}"/>' for guid in claims)
        guid = identifiers.of("set", "claims")
        yield f'<Sets>\n<Set guid="{guid}" name="Claims">{members}</Set>\n</Sets>\n'.encode()
    yield b"</CodeBook>\n"


def _check_codebook_not_empty(asked: ExportRequest) -> None:
    if not codes_of(asked.scope):
        raise Invalid(
            "The codebook is empty, but the standard requires at least one code. Add one first."
        )


FORMAT = ExportFormat(
    key="qdc",
    title="REFI-QDA codebook",
    extension="qdc",
    media_type="application/xml",
    readers="NVivo, MAXQDA, ATLAS.ti, QualCoder, QDA Miner, Dedoose, Quirkos: the tree of codes.",
    carries=(
        "the tree with names, colours and the order of codes",
        "definition, claim, includes, excludes and example, under headings in one description",
        "which codes state a claim, as a set",
    ),
    loses=(
        "everything but the codebook",
        "keys, revisions, and whether a code is retired",
    ),
    rows_are="codes",
    filtered=False,
    options=(TOOL,),
    stream=stream_refi_codebook,
    count=lambda asked: len(codes_of(asked.scope)),
    check=_check_codebook_not_empty,
    name=lambda asked: "codebook",
)
