"""Creates users and projects in cstoannot's database; runs in a separate process.

    python -m benchmarks.cstoannot_setup < {"user": …, "password": …}
    python -m benchmarks.cstoannot_setup < {"user": …, "project": …, "codes": […], "text": …}

Reads one JSON object and prints one: `{}` for a user, `{"source": id}` for a project with one
source that is assigned to the user.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django


def make(wish: dict[str, Any]) -> dict[str, int]:
    """Create what `wish` describes, through the same actions as the pages."""
    # These imports need `django.setup()` first.
    from cstoannot.accounts.actions import ensure_user, set_password
    from cstoannot.assignments.actions import assign_source
    from cstoannot.codebook.bulk_actions import add_codebook
    from cstoannot.projects.actions import create_project
    from cstoannot.sources.actions import create_source

    user, _ = ensure_user(wish["user"])
    if "password" in wish:
        set_password(user, wish["password"])
        return {}
    scope = create_project(user, name=wish["project"], slug=wish["project"])
    add_codebook(scope, [{"slug": code, "name": code} for code in wish["codes"]], note="benchmark")
    source = create_source(scope, title="Benchmark", text=wish["text"])
    assign_source(scope, source_id=source.pk, annotator=wish["user"])
    return {"source": source.pk}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstoannot.settings")
    django.setup()
    print(json.dumps(make(json.load(sys.stdin))))
