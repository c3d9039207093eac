"""The page Use the API: the project's URLs, and code to paste.

The code runs unchanged if CSTOANNOT_TOKEN holds a token.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, render_project_page, sign_in_required


@dataclass(frozen=True)
class ApiSnippet:
    """Code in one language under a title; `needs` says who may read what it requests."""

    language: str
    key: str
    title: str
    lines: str
    needs: Permission = Permission.VIEW


_SNIPPETS = [
    ApiSnippet(
        "curl",
        "annotations",
        "Annotations as a CSV file",
        """\
curl --fail --silent --show-error \\
  --header "Authorization: Bearer $CSTOANNOT_TOKEN" \\
  --output annotations.csv \\
  "BASE/export/csv/"
""",
    ),
    ApiSnippet(
        "curl",
        "comparison",
        "What each source says on each claim",
        """\
curl --fail --silent --show-error \\
  --header "Authorization: Bearer $CSTOANNOT_TOKEN" \\
  "BASE/comparison/"
""",
    ),
    ApiSnippet(
        "curl",
        "agreement",
        "How far the coders agree",
        """\
curl --fail --silent --show-error \\
  --header "Authorization: Bearer $CSTOANNOT_TOKEN" \\
  "BASE/agreement/?measure=krippendorff_alpha&unit=sentence"
""",
        Permission.SEE_AGREEMENT,
    ),
    ApiSnippet(
        "python",
        "annotations",
        "Annotations as a table",
        """\
import os

import pandas as pd

token = {"Authorization": "Bearer " + os.environ["CSTOANNOT_TOKEN"]}
annotations = pd.read_csv(
    "BASE/export/csv/",
    storage_options=token,
    dtype=str,
    keep_default_na=False,
).astype({"start": int, "end": int})
print(annotations.groupby("code").size())
""",
    ),
    ApiSnippet(
        "python",
        "comparison",
        "Claims × sources as a matrix",
        """\
import json
import os
from urllib.request import Request, urlopen

import pandas as pd

token = {"Authorization": "Bearer " + os.environ["CSTOANNOT_TOKEN"]}
address, cells = "BASE/comparison/", []
while address:  # Of many sources, an answer holds some.
    with urlopen(Request(address, headers=token)) as answer:
        comparison = json.load(answer)
    for claim in comparison["claims"]:
        cells += [{"code": claim["code"], **cell} for cell in claim["cells"]]
    address = comparison["next"]
if cells:
    print(pd.DataFrame(cells).pivot(index="code", columns="source", values="state"))
""",
    ),
    ApiSnippet(
        "python",
        "pages",
        "Every source, page by page, without any library",
        """\
import json
import os
from urllib.request import Request, urlopen


def rows(address):
    token = {"Authorization": "Bearer " + os.environ["CSTOANNOT_TOKEN"]}
    while address:
        with urlopen(Request(address, headers=token)) as answer:
            page = json.load(answer)
        yield from page["results"]
        address = page["next"]


for source in rows("BASE/sources/"):
    print(source["id"], source["title"], source["length"])
""",
    ),
    ApiSnippet(
        "python",
        "save",
        "Save passages from a CSV file; safe to repeat",
        """\
import csv
import json
import os
import uuid
from urllib.request import Request, urlopen

# passages.csv has the columns source, code, start and end.
with open("passages.csv", encoding="utf-8-sig", newline="") as file:
    rows = list(csv.DictReader(file))
passages = {}
for row in rows:
    # The same row gets the same id, and so stays one annotation.
    id = str(uuid.uuid5(uuid.NAMESPACE_URL, "BASE/USER/" + json.dumps(row)))
    passages[id] = {
        "id": id,
        "source": int(row["source"]),
        "code": row["code"],
        "start": int(row["start"]),
        "end": int(row["end"]),
    }
passages = list(passages.values())
headers = {
    "Authorization": "Bearer " + os.environ["CSTOANNOT_TOKEN"],
    "Content-Type": "application/json",
}
for first in range(0, len(passages), 500):
    body = json.dumps(passages[first : first + 500]).encode()
    with urlopen(Request("BASE/annotations/", data=body, headers=headers)) as answer:
        print(len(json.load(answer)), "saved")
""",
        Permission.ANNOTATE,
    ),
    ApiSnippet(
        "r",
        "annotations",
        "Annotations as a data frame",
        """\
token <- c(Authorization = paste("Bearer", Sys.getenv("CSTOANNOT_TOKEN")))
annotations <- read.csv(
  url("BASE/export/csv/", headers = token),
  encoding = "UTF-8",
  colClasses = "character",
  na.strings = character()
)
annotations$start <- as.integer(annotations$start)
annotations$end <- as.integer(annotations$end)
table(annotations$code)
""",
    ),
    ApiSnippet(
        "r",
        "comparison",
        "Claims × sources as a matrix",
        """\
library(jsonlite)

token <- c(Authorization = paste("Bearer", Sys.getenv("CSTOANNOT_TOKEN")))
address <- "BASE/comparison/"
matrix <- NULL
while (!is.null(address)) { # Of many sources, an answer holds some.
  comparison <- fromJSON(url(address, headers = token))
  cells <- setNames(comparison$claims$cells, comparison$claims$code)
  states <- lapply(cells, function(one) setNames(one$state, one$source))
  matrix <- cbind(matrix, do.call(rbind, states))
  address <- comparison[["next"]]
}
matrix
""",
    ),
]
LANGUAGES = {"curl": "curl", "python": "Python", "r": "R"}


def iterate_api_snippets(scope: Scope, base: str) -> Iterator[tuple[str, str, list[ApiSnippet]]]:
    """Yield each language's key, name and code, for what this member may do.

    `base` does not end with a slash.
    """
    user = quote(scope.user.username)
    for language, name in LANGUAGES.items():
        yield (
            language,
            name,
            [
                replace(one, lines=one.lines.replace("BASE", base).replace("USER", user))
                for one in _SNIPPETS
                if one.language == language and scope.can(one.needs)
            ],
        )


@dataclass(frozen=True)
class ApiAddress:
    path: str
    about: str


def list_api_addresses(scope: Scope) -> list[ApiAddress]:
    """List the project's URLs that this member may read, relative to the project."""
    found = [
        ApiAddress("annotations/", "annotations, with filters; also for saving"),
        ApiAddress("sources/", "metadata of the sources; their texts are at sources/{id}/text/"),
        ApiAddress("codes/", "the codebook"),
        ApiAddress("assignments/", "assignments and progress"),
        ApiAddress("comparison/", "what the sources say on each claim"),
        ApiAddress("comparison/network/", "who agrees with whom"),
        ApiAddress("export/", "all formats, with what each contains and leaves out"),
        ApiAddress("events/", "the history"),
    ]
    if scope.can(Permission.SEE_AGREEMENT):
        found[4:4] = [
            ApiAddress(
                "agreement/?measure=krippendorff_alpha",
                "sixteen measures, by code, pair and source",
            ),
            ApiAddress("disagreements/", "all disagreements between two coders"),
        ]
    return found


@require_safe
@sign_in_required
def show_api_page(request: SignedInRequest, project: str) -> HttpResponse:
    """Show the project's URLs for programs, with code to paste."""
    scope = open_project(request.user, project)
    base = request.build_absolute_uri(f"/api/v1/projects/{scope.project.slug}")
    context = {
        "base": base,
        "languages": list(iterate_api_snippets(scope, base)),
        "addresses": list_api_addresses(scope),
    }
    return render_project_page(request, scope, "programs/page.html", context, place="api")
