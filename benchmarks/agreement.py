"""Time and memory of agreement in a project of 1,000,000 annotations, and α beside another package.

    DATABASE_URL=postgres://… python -m benchmarks.fill
    DATABASE_URL=postgres://… python -m benchmarks.agreement

Without DATABASE_URL only the statistics are measured. CPU is that of this process; the
database's shows only in the wall time.
"""

from __future__ import annotations

import os
import time
import tracemalloc
import uuid
from collections.abc import Callable
from typing import Any

import django
import numpy as np
from django.core.management import call_command

from benchmarks.fill import LEAD, SLUG
from benchmarks.report import Row, publish

UNITS = 1_000_000
CODERS = 3


def timed(what: str, work: Callable[[], Any], rows: list[Row]) -> Any:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    rows.append(
        {
            "what": what,
            "CPU s": round(time.process_time() - cpu, 3),
            "wall s": round(time.perf_counter() - wall, 3),
        }
    )
    return found


def whole_project(rows: list[Row]) -> None:
    """Measure cold, warm, and after one source has changed."""
    from cstoannot.accounts.queries import find_user
    from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
    from cstoannot.annotations.actions import (
        Draft,
        delete_annotation,
        save_annotation,
    )
    from cstoannot.annotations.queries import require_annotation_row, visible_annotations
    from cstoannot.projects.scope import open_project

    scope = open_project(find_user(LEAD), SLUG)  # type: ignore[arg-type]
    question = AgreementQuery()
    timed("α, the whole project, cold", lambda: build_agreement_report(scope, question), rows)
    timed("α, the whole project, warm", lambda: build_agreement_report(scope, question), rows)
    pk = visible_annotations(scope).values_list("pk", flat=True).order_by("pk").first()
    said = require_annotation_row(scope, pk)  # type: ignore[arg-type]
    coder = open_project(find_user(said["annotator"]), SLUG)  # type: ignore[arg-type]
    draft = Draft(said["source"], said["code"], said["start"], said["end"] + 1)
    new = uuid.uuid4()
    save_annotation(coder, new, draft)
    timed("α, after one source changed", lambda: build_agreement_report(scope, question), rows)
    delete_annotation(coder, new)
    for measure in ("u_alpha", "f1_overlap", "stance_alpha"):
        other = AgreementQuery(measure)
        timed(f"{measure}, the data loaded", lambda q=other: build_agreement_report(scope, q), rows)


def beside_krippendorff(rows: list[Row]) -> None:
    """Measure α of 1,000,000 units and 3 coders: 1,000 replicates here, 1 in `krippendorff`."""
    import krippendorff

    from cstoannot.stats.agreement.engine import build_statistics, compute_measure
    from cstoannot.stats.tables import SpanTable, Units

    random = np.random.default_rng(1)
    truth = random.random(UNITS) < 0.2
    values = np.where(random.random((CODERS, UNITS)) < 0.1, ~truth, truth).astype(np.int64)
    coder, place = np.nonzero(values)
    sources, length = 20, UNITS // 20
    spans = SpanTable.build(
        lengths=np.full(sources, length),
        finished=np.ones((sources, CODERS), bool),
        n_codes=1,
        source=place // length,
        annotator=coder,
        code=np.zeros(len(place)),
        start=place % length,
        end=place % length + 1,
    )
    units = Units.characters(spans.lengths)
    timed(
        "α with 1,000 replicates, a million units",
        lambda: compute_measure(build_statistics("krippendorff_alpha", spans, units)),
        rows,
    )
    timed(
        "krippendorff, one replicate of it",
        lambda: krippendorff.alpha(reliability_data=values, level_of_measurement="nominal"),
        rows,
    )


def unitizing_family(rows: list[Row]) -> None:
    """Measure the 2016 unitizing family on 10,000 sources × 3 annotators × 20 passages."""
    from cstoannot.stats.agreement.cu_alpha import compute_unitizing_family
    from cstoannot.stats.agreement.partition_table import PartitionTable
    from cstoannot.stats.tables import SpanTable

    sources, passages = 10_000, 20
    random = np.random.default_rng(1)
    size = sources * CODERS * passages
    slot = np.tile(np.arange(passages), sources * CODERS) * 400
    start = slot + random.integers(0, 200, size)
    spans = SpanTable.build(
        lengths=np.full(sources, 8_000),
        finished=np.ones((sources, CODERS), bool),
        n_codes=20,
        source=np.repeat(np.arange(sources), CODERS * passages),
        annotator=np.tile(np.repeat(np.arange(CODERS), passages), sources),
        code=random.integers(0, 20, size),
        start=start,
        end=start + random.integers(20, 200, size),
    )
    timed(
        "family of 2016, 600,000 passages",
        lambda: compute_unitizing_family(PartitionTable.of(spans).select()),
        rows,
    )
    tracemalloc.start()
    compute_unitizing_family(PartitionTable.of(spans).select())
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    rows.append({"what": "its memory at the most, MiB", "CPU s": round(peak, 1), "wall s": ""})


def main() -> None:
    rows: list[Row] = []
    beside_krippendorff(rows)
    unitizing_family(rows)
    if os.environ.get("DATABASE_URL"):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstoannot.settings")
        django.setup()
        call_command("collectstatic", interactive=False, verbosity=0)  # pages name the served files
        whole_project(rows)
    publish("agreement", rows, failed=[], options={"database": os.environ.get("DATABASE_URL", "")})


if __name__ == "__main__":
    main()
