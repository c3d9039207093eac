"""A codebook of REFI-QDA 1.5, valid under its schema."""

from collections.abc import Iterator

from cstoannot.codebook.queries import code_tree as codes_of
from cstoannot.core.errors import Invalid
from cstoannot.exchange.formats import refi
from cstoannot.exchange.formats.kinds import Asked, Format
from cstoannot.exchange.identifiers import Identifiers

TOOL = refi.tool(
    {
        "standard": "NVivo, MAXQDA, ATLAS.ti and whoever reads the standard",
        refi.QUALCODER: "QualCoder: each name once in the whole tree",
    }
)


def stream(asked: Asked) -> Iterator[bytes]:
    identifiers = Identifiers(asked.scope)
    codes = codes_of(asked.scope)
    entries = refi.entries_of(codes, identifiers)
    if asked.options[TOOL.key] == refi.QUALCODER:
        entries = refi.unique_names(entries)
    claims = [identifiers.of("code", place.code.slug) for place in codes if place.code.claim]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    head += f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="{refi.ORIGIN}">\n'
    yield (head + "".join(refi.code_tree(entries))).encode()
    if claims:
        members = "".join(f'<MemberCode guid="{guid}"/>' for guid in claims)
        guid = identifiers.of("set", "claims")
        yield f'<Sets>\n<Set guid="{guid}" name="Claims">{members}</Set>\n</Sets>\n'.encode()
    yield b"</CodeBook>\n"


def _check(asked: Asked) -> None:
    if not codes_of(asked.scope):
        raise Invalid("The codebook is empty, and the standard asks for a code. Add one first.")


FORMAT = Format(
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
    stream=stream,
    count=lambda asked: len(codes_of(asked.scope)),
    check=_check,
    name=lambda asked: "codebook",
)
