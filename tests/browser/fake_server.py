"""The annotations API as a page's network sees it, with failures on demand."""

import json
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Route

BASE = "/api/v1/projects/p/annotations/"
CONTENT = ("code", "start", "end", "quote", "stance", "voice", "note")


class FakeServer:
    """Rows with versions; `plan` says how the next writes fail, `down` that all do."""

    def __init__(self) -> None:
        self.rows: dict[str, dict] = {}
        self.log: list[tuple[str, str, str | None, int]] = []
        self.applied: list[tuple[str, str]] = []
        self.headers: list[dict] = []
        self.plan: list[int | str] = []
        self.refused_codes: set[str] = set()
        self.broken_codes: set[str] = set()
        self.user: str | None = "coder-a"
        self.down = False
        self.holding = False
        self.held: list[Route] = []
        self.page_limit = 5000

    def put(self, uid: str, **facts: object) -> dict:
        """Somebody writes an annotation, from elsewhere."""
        old = self.rows.get(uid, {"version": 0})
        new = {"source": 3, "code": "a", "start": 0, "end": 4, "quote": "text", "stance": ""}
        new |= {"voice": "", "note": "", "annotator": "coder-a", "layer": "individual"}
        new |= {"revision": 1, "stale": False, "created_at": "2026-01-01T00:00:00Z"}
        new |= old | facts | {"id": uid, "version": old["version"] + 1}
        self.rows[uid] = new
        return new

    def handle(self, route: Route) -> None:
        if self.down:
            route.abort()
        elif self.holding and route.request.method != "GET":
            self.held.append(route)
        else:
            self.answer(route)

    def release(self) -> None:
        """Answers what was held, and holds no more."""
        self.holding = False
        held, self.held = self.held, []
        for route in held:
            self.answer(route)

    def answer(self, route: Route) -> None:
        request = route.request
        url = urlsplit(request.url)
        if request.method == "GET":
            reply(route, *self.read(url.path, parse_qs(url.query)))
            return
        self.headers.append(request.headers)
        uid = url.path.removeprefix(BASE).strip("/")
        failure = self.plan.pop(0) if self.plan else None
        if failure == "hang":
            return
        if failure == "lose-request":
            route.abort()
        elif failure == "html":
            route.fulfill(status=200, body="<h1>Welcome to our network</h1>")
        elif self.user is None and not failure:
            reply(route, 401, {"detail": "Sign in."})
        elif isinstance(failure, int):
            reply(route, failure, {"detail": f"Planned {failure}."})
        else:
            status, body = self.write(request, uid)
            self.log.append((request.method, uid, request.headers.get("if-match"), status))
            if failure == "lose-answer":
                route.abort()
            else:
                reply(route, status, body)

    def read(self, path: str, query: dict) -> tuple[int, dict]:
        if self.user is None:
            return 401, {"detail": "Sign in."}
        if path.endswith("/me/"):
            return 200, {"username": self.user}
        if path != BASE:
            row = self.rows.get(path.removeprefix(BASE).strip("/"))
            return (200, row) if row else (404, {"detail": "Not found."})
        first = int(query.get("from", ["0"])[0])
        after = first + self.page_limit
        rows = list(self.rows.values())
        more = f"https://elsewhere.example{BASE}?source=3&from={after}"
        return 200, {"next": more if after < len(rows) else None, "results": rows[first:after]}

    def write(self, request: object, uid: str) -> tuple[int, dict | None]:
        body = request.post_data_json if request.method == "PUT" else None
        old = self.rows.get(uid)
        match = request.headers.get("if-match")
        if body and body["code"] in self.broken_codes:
            return 500, None
        if body and body["code"] in self.refused_codes:
            return 422, {"detail": "This code is retired.", "errors": {"code": ["Retired."]}}
        if request.method == "DELETE":
            return self.delete(uid, old, match)
        content = {field: body[field] for field in CONTENT}
        if old and content == {field: old[field] for field in CONTENT}:
            return 200, old
        if (match is None and old) or (match and (not old or match != f'"{old["version"]}"')):
            return (412 if match else 428), {"detail": "Stale.", "current": old}
        self.applied.append(("PUT", uid))
        return (200 if old else 201), self.put(uid, **content, annotator=self.user)

    def delete(self, uid: str, old: dict | None, match: str | None) -> tuple[int, dict | None]:
        if not old:
            return 404, {"detail": "Not found."}
        if match != f'"{old["version"]}"':
            return 412, {"detail": "Stale.", "current": old}
        del self.rows[uid]
        self.applied.append(("DELETE", uid))
        return 204, None


def reply(route: Route, status: int, body: dict | None) -> None:
    text = "" if body is None else json.dumps(body)
    route.fulfill(status=status, body=text, content_type="application/json")
