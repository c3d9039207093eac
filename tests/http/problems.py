"""What an answer must look like that says no before or in place of a view."""

from django.http import HttpResponse

SENTENCES = {
    "database_busy": "The database is busy",
    "database_unavailable": "cannot be reached",
    "disk_full": "disk is full",
    "database_read_only": "cannot save changes",
}


def assert_outage(answer: HttpResponse, code: str) -> None:
    assert answer.status_code == 503, (answer.status_code, answer.content[:300])
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert "no-store" in answer["Cache-Control"]
    text = answer.content.decode()
    assert SENTENCES[code] in text
    if answer["Content-Type"] == "application/problem+json":
        assert answer.json()["type"] == f"urn:cstoannot:problem:{code}"
    else:
        assert "<h1>Not available at the moment</h1>" in text
